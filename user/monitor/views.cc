// views.cc — links, INIT and time for the protocols.

#include "monitor/views.hh"

#include <new>

#include "lib/console.hh"
#include "lib/core_requests.hh"
#include "lib/runtime.hh"
#include "monitor/doorbells.hh"
#include "monitor/processes.hh"

namespace sprat::monitor {
namespace {

using namespace agreement;

// A core that says nothing for so long is asked, and after the same time again suspected. Its monitor has the next turn when its
// doorbell is heard, and that is at the end of a turn at the latest (kernel/dispatch/scheduler.cc, other_cores.cc): two turns of 10 ms.
// All the rest is for processors of an emulator, which stand still for some time on a busy machine.
constexpr std::uint64_t kPatienceMilliseconds = 400;
// Between two looks at the cores that are awaited.
constexpr std::uint64_t kLookMicroseconds = 200'000;

}  // namespace

Views::Views(const FirstProcess& process, Processes& processes, Links& links, Cores& cores,
             LateAnswers& late_answers, const Parts& parts)
    : process_(process),
      processes_(processes),
      links_(links),
      cores_(cores),
      late_answers_(late_answers),
      parts_(parts),
      member_(process.core_id, *this),
      coordinator_(member_, *this),
      names_(member_, *this),
      watch_(*this, process.tsc_hz / 1'000 * kPatienceMilliseconds) {
  member_.observe(*this);
  links_.set_observer(*this);
}

void Views::prepare() {
  watching_ = watch();
  runtime().loop.start(watching_);
  if (!is_coordinator()) member_.join();
}

Result<void> Views::before_start(std::uint32_t core, std::uint32_t, CorePackage&) {
  if (!coordinator_.may_start(core)) return Error::in_use;
  coordinator_.expect(core);
  sent(core);  // it is to say hello
  return {};
}

// ---- requests

Result<Words> Views::handle_for_core(const Call& call, ReceiveSlot& received) {
  const std::uint64_t argument = call.words[1];
  const auto later = [&](auto begin) {
    return late_answers_.answer(call, received, LateAnswers::kNoCore, begin);
  };
  switch (static_cast<CoreRequest>(call.words[0])) {
    case CoreRequest::view: return Words{member_.view(), member_.cores().word(0)};
    case CoreRequest::stop: return later([&](std::uint64_t) { return stop(argument); });
    case CoreRequest::start: return later([&](std::uint64_t) { return start(argument); });
    default: return Error::invalid_argument;
  }
}

Result<Words> Views::stop(std::uint64_t core) {
  if (!is_coordinator()) return Error::invalid_argument;
  const auto entry = TRY(cores_.nth(core));
  if (entry.number == kCoordinator) return Error::in_use;
  const auto number = static_cast<CoreNumber>(core);
  coordinator_.declare_dead(number);
  return has_stopped(core);
}

Result<Words> Views::start(std::uint64_t core) {
  if (!is_coordinator()) return Error::invalid_argument;
  const auto entry = TRY(cores_.nth(core));
  const auto number = static_cast<CoreNumber>(entry.number);
  if (coordinator_.is_stopped(number)) return Error::busy;  // it is still in the view
  if (coordinator_.may_start(number)) {
    if (const auto started = cores_.start_again(number, parts_); !started) {
      coordinator_.declare_dead(number);
      return started.error();
    }
  }
  return has_joined(core);
}

Result<Words> Views::has_stopped(std::uint64_t core) const {
  if (!coordinator_.may_start(static_cast<CoreNumber>(core))) return Error::again;
  return Words{};
}

// One that was stopped before it joined will not join.
Result<Words> Views::has_joined(std::uint64_t core) const {
  const auto number = static_cast<CoreNumber>(core);
  if (member_.cores().has(number)) return Words{};
  return coordinator_.may_start(number) ? Error::peer_gone : Error::again;
}

// The view has changed, or is not going to change for a core.
void Views::answer_late() {
  late_answers_.look_again(static_cast<std::uint64_t>(CoreRequest::stop),
                           [this](std::uint64_t core) { return has_stopped(core); });
  late_answers_.look_again(static_cast<std::uint64_t>(CoreRequest::start),
                           [this](std::uint64_t core) { return has_joined(core); });
}

// ---- lines

void Views::post(CoreNumber core, const urpc::Message<>& line) {
  // A later incarnation of a dead core must not receive it.
  if (!is_coordinator() && core != kCoordinator && !member_.linked().has(core)) return;
  frames_->posted(line);
  ram_->posted(line);
  if (!links_.send(core, line)) return;
  // An answer to `ping` is no reason to expect one.
  const auto message = LineHeader(line.header).get<line_header::message>();
  if (message != kNumberOf<ping> && message != kNumberOf<pong>) sent(core);
}

void Views::handle_other(CoreNumber from, const urpc::Message<>& line) {
  watch_.heard(from);
  links_.take(from, line);
}

Result<void> Views::opened(std::uint32_t core, Channel& channel) {
  neighbours_[core].reset(new (std::nothrow_t{}) Neighbour(core, channel, *this));
  return neighbours_[core] != nullptr ? Result<void>() : Error::out_of_memory;
}

void Views::view_is_prepared() {
  for (auto& neighbour : neighbours_)
    if (neighbour != nullptr) neighbour->view_is_prepared();
}

void Views::make_ready(Waiter& waiter) { runtime().loop.make_ready(waiter); }

// ---- changes of the view

void Views::prepare(const Prepare& change) {
  if (is_coordinator() && change.change == Change::join) links_.make_wanted();
}

void Views::commit(const Commit& change) {
  if (change.core == member_.self()) processes_.let_run();
  if (!is_coordinator()) return;
  if (change.change == Change::death) take_back(change.core);
  answer_late();
}

// A core that is stopped before it was in any view leaves nothing that others could have.
void Views::close(CoreNumber core) {
  parts_.core_ended(core);
  watch_.heard(core);  // it is awaited no more
  if (!is_coordinator() || member_.cores().has(core)) return;
  ram_->never_joined(core);
  take_back(core);
  answer_late();
}

void Views::take_back(CoreNumber core) {
  links_.release(core);
  if (const auto reclaimed = cores_.reclaim(core); !reclaimed)
    print("monitor: the RAM of core {} is lost: {}\n", core, name_of(reclaimed.error()));
}

// ---- time

void Views::sent(std::uint32_t core) {
  if (core == member_.self() || core >= kMaxCores) return;
  watch_.awaits(core, __builtin_ia32_rdtsc());
  if (!alarm_is_set_) set_alarm();
}

void Views::set_alarm() {
  alarm_is_set_ = true;
  static_cast<void>(invoke(task_slot(TaskSlot::kernel), Method::alarm, kLookMicroseconds,
                           kLineOfMonitor - kFirstDoorbell));
}

// Returns whether to look again.
bool Views::look() {
  const std::uint64_t now = __builtin_ia32_rdtsc();
  member_.linked().for_each([&](CoreNumber core) {
    if (core != member_.self() && parts_.needs(core)) watch_.awaits(core, now);
  });
  return watch_.look(now, member_.last_prepared(), [this](CoreNumber core) {
    print("monitor of core {}: core {} does not answer\n", member_.self(), core);
    is_coordinator() ? coordinator_.declare_dead(core) : member_.suspect(core);
  });
}

// At each look, all that had come has been received.
Task<> Views::watch() {
  for (;;) {
    alarm_is_set_ = false;
    if (look()) set_alarm();
    co_await runtime().loop.sources().signalled();
  }
}

}  // namespace sprat::monitor
