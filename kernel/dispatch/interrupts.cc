// interrupts.cc — one notification a line, kept in a slot of the kernel's own, so that it goes when its dispatcher goes.

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

constinit std::array<cap::Slot, x86::kTimerVector - x86::kFirstLineVector> bound{};

}  // namespace

bool take_interrupt(std::uint64_t vector) {
  if (vector == x86::kSpuriousVector) return false;
  if (vector == x86::kTimerVector) end_turn();
  const std::uint64_t line = vector - x86::kFirstLineVector;
  const bool is_bound = line < bound.size() && !bound[line].is_empty();
  if (is_bound) {
    //@ since urpc
    if (line >= kFirstDoorbell) trace<Event::interrupt>(&bound[line]);
    //@ end
    x86::mask_line(static_cast<unsigned>(line));  // first, or a level would interrupt again at once
    notify(dispatcher_at(bound[line]), bound[line].badge);
  }
  x86::end_of_interrupt();
  return vector == x86::kTimerVector;
}

Result<void> bind_line(std::uint64_t line, cap::Slot& notification) {
  if (line >= bound.size()) return Error::invalid_argument;
  cap::Slot& slot = bound[line];
  if (!slot.is_empty()) {
    if (const auto removed = cap::remove(slot); !removed) return removed;
  }
  if (const auto copied = cap::copy(notification, slot); !copied) return copied;
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

Result<void> ring(std::uint64_t line) {
  const auto number = static_cast<unsigned>(line_of_doorbell(line));
  if (number < kFirstDoorbell || number >= bound.size()) return Error::invalid_argument;
  x86::send_interrupt(core_of_doorbell(line).value_or(x86::local_apic_id()),
                      x86::kFirstLineVector + number);
  return {};
}
//@ end

}  // namespace sprat::dispatch

// While nobody runs, nobody's turn is over.
void sprat::x86::handle_interrupt(std::uint64_t vector) { dispatch::take_interrupt(vector); }
