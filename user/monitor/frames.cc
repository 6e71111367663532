// frames.cc — requests of processes, and the tasks that go on when a request is answered. No request waits for another core.

#include "monitor/frames.hh"

#include <algorithm>
#include <bit>

#include "interfaces/fragments.hh"
#include "lib/console.hh"
#include "lib/core_requests.hh"
#include "lib/runtime.hh"
#include "monitor/doorbells.hh"

namespace sprat::monitor {
namespace {

using agreement::CoreNumber, agreement::Frame, agreement::Range, agreement::TicketNumber;
using agreement::Tickets, agreement::ViewNumber;

constexpr std::uint64_t kLargest = 256 << 10;  // that a CPU driver adopts

// The next anchor whose last copy was deleted; the one after it signals the monitor's doorbell.
Result<std::uint64_t> next_lonely() {
  const auto words =
      invoke(task_slot(TaskSlot::kernel), Method::lonely, kLineOfMonitor - kFirstDoorbell);
  return words ? Result(words.value()[0]) : words.error();
}

constexpr Words kNoWords{};

}  // namespace

Frames::Frames(Processes& processes, Broker& broker, const Pieces& pieces, Receptions& receptions,
               agreement::Member& member, agreement::Platform& platform)
    : processes_(processes),
      broker_(broker),
      member_(member),
      pieces_(pieces),
      receptions_(receptions),
      tickets_(receptions.tickets()),
      memory_(processes, pieces, receptions),
      owner_(member, platform, memory_, tickets_, shared_, holdings_),
      holder_(member, platform, memory_, tickets_, foreign_) {}

void Frames::prepare() {
  EventLoop& loop = runtime().loop;
  sweeping_ = holder_.sweep();
  watching_ = watch();
  clearing_up_ = clear_up();
  for (Task<>* task : {&sweeping_, &watching_, &clearing_up_}) {
    if (task->done()) print("monitor: no frames: {}\n", name_of(Error::out_of_memory));
    loop.start(*task);
  }
}

// ---- requests

Result<Answer> Frames::handle(Process& caller, const Call& call, ReceiveSlot&) {
  const Words& words = call.words;
  const auto answer = [&]() -> Result<Words> {
    switch (static_cast<FrameRequest>(words[0])) {
      case FrameRequest::expect: return receptions_.expect(caller, call);
      case FrameRequest::send: return send(caller, call);
      case FrameRequest::receive: return receptions_.receive(caller, call);
      case FrameRequest::abandon: return receptions_.abandon(caller, words[1]);
      case FrameRequest::copy: return copy(caller, call);
      case FrameRequest::revoke: return revoke(caller, words[1], words[2]);
      case FrameRequest::revoked: return revoked(caller);
      case FrameRequest::frames:
        return Words{memory_.count_own(), memory_.count_foreign(), receptions_.count(),
                     lines_posted_};
    }
    return Error::invalid_argument;
  }();
  if (!answer) return answer.error();
  return Answer{{}, answer.value()};
}

Result<Words> Frames::handle_for_core(const Call& call, ReceiveSlot&) {
  const bool is_mine = static_cast<CoreRequest>(call.words[0]) == CoreRequest::frame;
  return is_mine ? nth(call.words[1]) : Error::invalid_argument;
}

Result<Words> Frames::nth(std::uint64_t n) const {
  const auto answer = [](const Frame& frame, CoreNumber owner, std::uint64_t holders) {
    return Words{frame.base, std::uint64_t{1} << frame.bits, owner, holders};
  };
  for (const auto& [frame, is_used, holdings] : shared_) {
    if (!is_used || n-- != 0) continue;
    std::uint64_t holders = 0;
    for (CoreNumber core = 0; core < kMaxCores; ++core)
      if (owner_.may_be_held(frame.base, core)) holders |= std::uint64_t{1} << core;
    return answer(frame, member_.self(), holders);
  }
  for (const auto& foreign : foreign_)
    if (foreign.is_used && n-- == 0) return answer(foreign.frame, foreign.owner, 0);
  return Error::not_found;
}

Result<Words> Frames::send(Process& caller, const Call& call) {
  const auto [request, channel, ticket_word, slot, keep] = call.words;
  const auto ends = TRY(broker_.ends_of(caller, channel));
  const auto ticket = static_cast<TicketNumber>(ticket_word);
  if (ticket_word > ~TicketNumber{0} || Tickets::channel_of(ticket) != ends.peer_end)
    return Error::no_capability;
  auto copy = TRY(SharedFrames::fetch(caller, CapAddress(slot)));
  const Identity identity = TRY(identify(copy.address()));
  Frame frame = TRY(may_travel(identity));
  frame.rights = (identity.description.rights & Rights(keep)).bits();
  const auto to = static_cast<CoreNumber>(ends.peer_core);
  CoreNumber source = to;
  if (to == member_.self()) {
    TRY(send_here(frame, std::move(copy), ticket));
  } else {
    source = TRY(send_there(frame, identity.description.is_foreign, std::move(copy), to, ticket));
  }
  return Words{source, member_.last_prepared()};
}

// no_rights: its memory is of no process of this core, nor was it received for one; invalid_argument: it is too large
Result<Frame> Frames::may_travel(const Identity& identity) const {
  if (identity.bytes > kLargest) return Error::invalid_argument;
  if (identity.description.is_foreign) {
    if (!identity.description.is_remote) return Error::no_rights;
    if (!holder_.may_copy(identity.base)) return Error::no_capability;
  } else {
    const Process* const owner = memory_.ram_at(identity.base).process;
    if (owner == nullptr) return Error::no_rights;
    if (owner->number == 0 || is_being_revoked(identity.base)) return Error::no_capability;
  }
  return Frame{identity.base, static_cast<std::uint8_t>(std::countr_zero(identity.bytes)), 0};
}

Result<void> Frames::send_here(const Frame& frame, Cap<Type::frame> copy, TicketNumber ticket) {
  if (!tickets_.is_expected(ticket, member_.self())) return Error::no_capability;
  TRY(receptions_.put(ticket, copy, Rights(frame.rights)));
  tickets_.arrived(ticket, member_.self(), frame);
  return {};
}

// Returns the source.
Result<CoreNumber> Frames::send_there(const Frame& frame, bool is_foreign, Cap<Type::frame> copy,
                                      CoreNumber to, TicketNumber ticket) {
  if (is_foreign) {
    TRY(holder_.send(frame.base, frame.rights, to, ticket));
    return holder_.owner_of(frame.base);
  }
  memory_.offer(std::move(copy));
  const auto sent = owner_.send(frame, to, ticket);
  memory_.offer({});
  if (!sent) return sent.error();
  return member_.self();
}

Result<Words> Frames::copy(const Process& caller, const Call& call) {
  const auto [request, from, to, keep, unused] = call.words;
  const auto source = TRY(SharedFrames::fetch(caller, CapAddress(from)));
  const Identity identity = TRY(identify(source.address()));
  const auto& [type, rights, is_original, is_remote, is_part, is_mapped, is_dying, is_foreign] =
      identity.description;
  if (is_remote && is_foreign && !holder_.may_copy(identity.base)) return Error::no_capability;
  if (is_remote && !is_foreign && is_being_revoked(identity.base)) return Error::no_capability;
  TRY(Receptions::put(caller, CapAddress(to), source.address(), Rights(keep)));
  return kNoWords;
}

// ---- revoking

bool Frames::is_being_revoked(std::uint64_t base) const {
  using enum Revocation::State;
  const auto concerns = [&](const Revocation& revocation) {
    return (revocation.state == in_progress || revocation.state == over) &&
           revocation.range.has(base);
  };
  return owner_.is_being_revoked(base) || pieces_.is_being_vacated(base) ||
         std::ranges::any_of(revocations_, concerns);
}

// Its own, or a piece that it has.
Result<Words> Frames::revoke(Process& caller, std::uint64_t base, std::uint64_t bytes) {
  using enum Revocation::State;
  const RamOfProcess ram = memory_.ram_at(base);
  if (ram.process != &caller || bytes > ram.end - base) return Error::no_rights;
  Revocation& revocation = revocations_[processes_.place_of(caller)];
  const Range range{base, base + bytes};
  if (revocation.state == in_progress) return Error::again;
  if (revocation.state == over && revocation.range == range) return kNoWords;
  if (revocation.state == failed) {
    const Error error = revocation.error;
    revocation = Revocation();
    return error == Error::busy ? Error::again : error;
  }
  revocation = Revocation();
  revocation.range = range;
  revocation.task = carry_out(revocation);
  if (revocation.task.done()) return Error::out_of_memory;
  revocation.state = in_progress;
  runtime().loop.start(revocation.task);
  return Error::again;
}

Task<> Frames::carry_out(Revocation& revocation) {
  const auto gone = co_await owner_.revoke(revocation.range);
  revocation.state = gone ? Revocation::State::over : Revocation::State::failed;
  if (!gone) revocation.error = gone.error();
  co_return {};
}

Result<Words> Frames::revoked(const Process& caller) {
  Revocation& revocation = revocations_[processes_.place_of(caller)];
  if (revocation.state != Revocation::State::in_progress) revocation = Revocation();
  return kNoWords;
}

// ---- ends

bool Frames::needs(std::uint32_t core) const {
  const auto number = static_cast<CoreNumber>(core);
  const auto is_from_there = [&](std::uint64_t base) {
    const auto owner = holder_.owner_of(base);
    return owner && owner.value() == number;
  };
  const auto is_there = [&](std::uint64_t base) { return owner_.may_be_held(base, number); };
  return memory_.any_foreign(is_from_there) || memory_.any_own(is_there) ||
         receptions_.needs(number);
}

void Frames::before_end(const Process& process) {
  receptions_.end(process);
  const std::size_t place = processes_.place_of(process);
  revocations_[place] = Revocation();
  if (memory_.frame_of(place) && left_over_.coroutine) runtime().loop.make_ready(left_over_);
  memory_.end(process);
}

// Foreign frames whose last copy was deleted go back to their owners.
Task<> Frames::watch() {
  for (;;) {
    for (auto base = next_lonely(); base; base = next_lonely()) holder_.is_lonely(base.value());
    co_await runtime().loop.sources().signalled();
  }
}

// co_await LeftOver(*this): until a process has ended of whose RAM other cores may have frames.
class Frames::LeftOver {
 public:
  explicit LeftOver(Frames& frames) : frames_(frames) {}
  bool await_ready() const {
    for (std::size_t place = 0; place < kMaxProcesses; ++place)
      if (frames_.processes_.is_left_over(place)) return true;
    return false;
  }
  void await_suspend(std::coroutine_handle<> waiting) { frames_.left_over_.coroutine = waiting; }
  void await_resume() const { frames_.left_over_.coroutine = {}; }

 private:
  Frames& frames_;
};

// Revokes the frames of processes that have ended, one process at a time; then their RAM can be used again.
Task<> Frames::clear_up() {
  for (;;) {
    co_await LeftOver(*this);
    for (std::size_t place = 0; place < kMaxProcesses; ++place) {
      if (!processes_.is_left_over(place)) continue;
      if (const auto base = memory_.frame_of(place)) {
        const RamOfProcess ram = processes_.ram_at(base.value());
        static_cast<void>(co_await owner_.revoke({ram.begin, ram.end}));
      } else {
        processes_.reclaim(place);
      }
    }
    co_await runtime()
        .loop.turn();  // other revokes may be in progress, and one more not possible yet
  }
}

// ---- counting

void Frames::posted(const urpc::Message<>& line) {
  const auto number = LineHeader(line.header).get<line_header::message>();
  for (const unsigned about_frames :
       {kNumberOf<agreement::copy>, kNumberOf<agreement::recv>, kNumberOf<agreement::refused>,
        kNumberOf<agreement::dropped>, kNumberOf<agreement::revoke>, kNumberOf<agreement::gone>})
    if (number == about_frames) ++lines_posted_;
}

}  // namespace sprat::monitor
