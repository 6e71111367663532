// asker.cc — `asker CORE` starts children, which ask another core and end before the answer is there: the tables of this core's monitor
// are as before, and its next question is answered. The monitor is ../few-slots/main.cc, which gives it authority over the core.

#include "lib/console.hh"
#include "lib/program.hh"
#include "lib/remote_processes.hh"
#include "lib/runtime.hh"
#include "lib/words.hh"
#include "tests/programs/command_line.hh"

namespace sprat {
namespace {

constexpr unsigned kRounds = 20;  // more than wait at one time
constexpr std::uint64_t kEnded = 1;
constexpr int kMostTurns = 100'000;

// ---- a child

// Gives the answer to a question that is asked once.
Result<void> ask_in_vain(std::uint64_t core) {
  const auto parents_core = TRY(find_service("asker"));
  const auto signal = TRY(own_signal());
  const auto answer =
      ask(parents_core, {static_cast<std::uint64_t>(RemoteRequest::process_of), core}, signal);
  return answer ? Result<void>() : answer.error();
}

// The same for a program that is to run there.
Result<void> run_in_vain(std::uint64_t core) {
  const Quota quota = TRY(quota_left());
  TRY(tell_command_line("asker"));
  const auto asked =
      TRY(ask(kMonitor, {static_cast<std::uint64_t>(RemoteRequest::run_on) | core << 32,
                         quota.processes, quota.memory, quota.channels, quota.slots}));
  const auto signal = TRY(own_signal());
  const auto ran =
      ask(kMonitor, {static_cast<std::uint64_t>(RemoteRequest::ran), asked.words[0]}, signal);
  return ran ? Result<void>() : ran.error();
}

int be_child(std::uint64_t core, std::string_view kind) {
  const auto left = kind == "run" ? run_in_vain(core) : ask_in_vain(core);
  const bool waits = !left && left.error() == Error::again;
  print("asker: {}\n", waits  ? "leaves a question"
                       : left ? "has an answer"
                              : name_of(left.error()));
  return 0;
}

// ---- their parent

Task<> wait_for_end(const Result<Child>& child, CapRef<Type::notification> ended) {
  if (!child) co_return child.error();
  const auto waits = signal_at_end(child.value().process, ended);
  if (waits) co_await runtime().loop.notified(kEnded);
  co_return {};
}

// A program that begins late on the other core needs its place here until it has ended.  again: the tables are not as they were
Result<void> wait_until(const Census& before) {
  for (int turn = 0; turn < kMostTurns; ++turn) {
    if (TRY(census_of(0)) == before) return {};
    yield(Yield::stay);
  }
  return Error::again;
}

Task<> leave_questions(std::uint64_t core) {
  const CapRef<Type::dispatcher> self(task_slot(TaskSlot::dispatcher));
  const auto notification = retype<Type::notification>(self);
  if (!notification) co_return notification.error();
  const auto ended = mint(notification.value(), {kAllRights, kEnded, 0});
  if (!ended) co_return ended.error();
  // The first time makes tables as large as they will be.
  const auto first = co_await wait_for_end(co_await run_program_on(core, "asker"), ended.value());
  if (!first) co_return first;
  // Of a process that ended before this one was told, the place is freed at the next request.
  static_cast<void>(ask(kMonitor, {static_cast<std::uint64_t>(RemoteRequest::ran), 0}));
  const auto before = census_of(0);
  if (!before) co_return before.error();
  for (unsigned round = 0; round < kRounds; ++round) {
    for (const std::string_view kind : {"process", "run"}) {
      const auto child = run_program(command_line("asker {} {}", core, kind));
      const auto waited = co_await wait_for_end(child, ended.value());
      if (!waited) co_return waited;
    }
    if (const auto back = wait_until(before.value()); !back) co_return back;
  }
  // Not the answer to an earlier question.
  const auto there = co_await nth_process_of(core, 7);
  co_return there || there.error() != Error::not_found ? Error::malformed : Result<void>();
}

}  // namespace
}  // namespace sprat

int sprat::main(const Startup& startup) {
  std::string_view words = arguments(startup);
  std::uint64_t core = 0;
  if (!parse_number(next_word(words), core)) return 0;  // it runs on the other core
  if (const std::string_view kind = next_word(words); !kind.empty()) return be_child(core, kind);
  auto left = offer_service(kOwnCore);
  if (left) left = runtime().loop.run(leave_questions(core));
  print("asker: {}\n", left ? "all came back" : name_of(left.error()));
  flush_console();
  static_cast<void>(ask(kOwnCore, {static_cast<std::uint64_t>(Request::power_off), left.ok()}));
  return 1;
}
