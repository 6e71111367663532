// interrupts.cc — one notification a line, kept in a slot of the kernel's own, so that it goes when its dispatcher goes.

#include "dispatch/interrupts.hh"

//@ since monitor
#include <algorithm>
//@ end

#include "dispatch/scheduler.hh"
//@ since urpc
#include "dispatch/other_cores.hh"
//@ end
#include "x86/apic.hh"

namespace sprat::dispatch {
namespace {

constinit std::array<cap::Slot, x86::kLines> bound{};

void signal_line(std::uint64_t line) {
  //@ since urpc
  if (line >= kFirstDoorbell) doorbell_came(bound[line]);
  //@ end
  if (bound[line].is_empty()) return;
  x86::mask_line(static_cast<unsigned>(line),
                 true);  // first, or a level would interrupt again at once
  notify(dispatcher_at(bound[line]), bound[line].badge);
}

//@ since monitor
// Time stamp; zero: there is no alarm.
constinit std::uint64_t alarm_time = 0;
constinit std::uint64_t alarm_line = 0;

//@ end
}  // namespace

bool take_interrupt(std::uint64_t vector) {
  if (vector == x86::kSpuriousVector) return false;
  const bool ends_turn = vector == x86::kTimerVector && turn_is_over();
  //@ since urpc
  if (ends_turn) hear_doorbells();
  //@ end
  //@ since monitor
  if (vector == x86::kTimerVector) hear_alarm();
  //@ end
  if (vector < x86::kTimerVector) signal_line(x86::line_of(vector));
  x86::end_of_interrupt();
  return ends_turn;
}

Result<void> bind_line(std::uint64_t line, cap::Slot& notification) {
  if (line >= bound.size()) return Error::invalid_argument;
  cap::Slot& slot = bound[line];
  if (!slot.is_empty()) TRY(cap::remove(slot));
  TRY(cap::copy(notification, slot));
  return acknowledge_line(line);
}

Result<void> acknowledge_line(std::uint64_t line) {
  if (line >= bound.size()) return Error::invalid_argument;
  if (bound[line].is_empty()) return Error::not_found;
  x86::mask_line(static_cast<unsigned>(line), false);
  return {};
}

//@ since monitor

void notify_bound(std::uint64_t line) {
  const cap::Slot& slot = bound[line];
  if (!slot.is_empty()) notify(dispatcher_at(slot), slot.badge);
}

void hear_alarm() {
  if (alarm_time == 0) return;
  const std::uint64_t now = x86::read_time_stamp();
  if (now < alarm_time) {
    if (!turn_is_limited()) x86::start_timer(x86::microseconds_in(alarm_time - now) + 1);
    return;
  }
  alarm_time = 0;
  notify_bound(alarm_line);
}

Result<void> set_alarm(std::uint64_t microseconds, std::uint64_t line) {
  constexpr std::uint64_t kLongest = 1'000'000;
  if (line >= kDoorbells) return Error::invalid_argument;
  const std::uint64_t wait = std::min(microseconds, kLongest);
  alarm_time = x86::read_time_stamp() + x86::time_stamps_in(wait);
  alarm_line = kFirstDoorbell + line;
  if (!turn_is_limited()) x86::start_timer(wait);
  return {};
}
//@ end

}  // namespace sprat::dispatch

// While no dispatcher runs, there is no turn to end.
void sprat::x86::handle_interrupt(std::uint64_t vector) { dispatch::take_interrupt(vector); }
