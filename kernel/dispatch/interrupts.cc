// interrupts.cc — one notification a line, kept in a slot of the kernel's own, so that it goes when its dispatcher goes.
//@ since urpc
//
// A device interrupts once and is masked until its driver acknowledges. Doorbells cannot be masked one by one: other
// cores send them as often as they like, and each takes this core a few hundred instructions. So a busy core takes
// eight, and then none until it is idle or a quantum has passed; meanwhile they stay pending in the local APIC, one of
// each. The delay costs their receivers no turn: a dispatcher that is woken goes to the end of the run queue, and would
// not run before the present turn has ended.
//@ end

#include "dispatch/interrupts.hh"

#include "cap/operations.hh"
#include "dispatch/dispatcher.hh"
#include "dispatch/scheduler.hh"
//@ since urpc
#include "sprat/trace.hh"
//@ end
#include "x86/io_apic.hh"
#include "x86/local_apic.hh"
#include "x86/user_mode.hh"

namespace sprat::dispatch {
namespace {

constinit std::array<cap::Slot, x86::kLines> bound{};
//@ since urpc

// Doorbells that are taken until the core is idle, or has held them back for a quantum.
constexpr unsigned kDoorbellsInTime = 8;
constinit unsigned doorbells_left = kDoorbellsInTime;
constinit std::uint64_t hear_again_at = 0;  // time stamp, while none is left

void count_doorbell() {
  if (--doorbells_left != 0) return;
  constexpr std::uint64_t kAboveDoorbells = x86::vector_of(kFirstDoorbell) + 1;
  static_assert(kAboveDoorbells % 16 == 0);
  x86::hold_interrupts_below(kAboveDoorbells);
  hear_again_at = x86::read_time_stamp() + x86::time_stamps_in(kQuantumMicroseconds);
  limit_turn();
}
//@ end

void signal_line(std::uint64_t line) {
  //@ since urpc
  if (line >= kFirstDoorbell) count_doorbell();
  //@ end
  if (bound[line].is_empty()) return;
  //@ since urpc
  if (line >= kFirstDoorbell) trace<Event::interrupt>(&bound[line]);
  //@ end
  x86::mask_line(static_cast<unsigned>(line));  // first, or a level would interrupt again at once
  notify(dispatcher_at(bound[line]), bound[line].badge);
}

}  // namespace

bool take_interrupt(std::uint64_t vector) {
  if (vector == x86::kSpuriousVector) return false;
  const bool ends_turn = vector == x86::kTimerVector && turn_is_over();
  //@ since urpc
  if (ends_turn) hear_doorbells();
  //@ end
  if (vector < x86::kTimerVector) signal_line(x86::line_of(vector));
  x86::end_of_interrupt();
  return ends_turn;
}

Result<void> bind_line(std::uint64_t line, cap::Slot& notification) {
  if (line >= bound.size()) return Error::invalid_argument;
  cap::Slot& slot = bound[line];
  if (!slot.is_empty()) {
    TRY(cap::remove(slot));
  }
  TRY(cap::copy(notification, slot));
  return acknowledge_line(line);
}

Result<void> acknowledge_line(std::uint64_t line) {
  if (line >= bound.size()) return Error::invalid_argument;
  if (bound[line].is_empty()) return Error::not_found;
  x86::unmask_line(static_cast<unsigned>(line));
  return {};
}
//@ since urpc

static_assert(kFirstDoorbell == x86::kInterruptLines);
static_assert(kFirstDoorbell + kDoorbells == bound.size());

Result<void> signal_doorbell(std::uint64_t line) {
  const auto number = static_cast<unsigned>(line_of_doorbell(line));
  if (number < kFirstDoorbell || number >= bound.size()) return Error::invalid_argument;
  x86::send_interrupt(core_of_doorbell(line).value_or(x86::local_apic_id()),
                      x86::vector_of(number));
  return {};
}

void hear_doorbells() {
  if (doorbells_left == 0) x86::hold_interrupts_below(0);
  doorbells_left = kDoorbellsInTime;
}

void hear_doorbells_in_time() {
  if (doorbells_left != 0) return;
  if (x86::read_time_stamp() >= hear_again_at) return hear_doorbells();
  limit_turn();
}
//@ end

}  // namespace sprat::dispatch

// While no dispatcher runs, there is no turn to end.
void sprat::x86::handle_interrupt(std::uint64_t vector) { dispatch::take_interrupt(vector); }
