// interrupts.hh — interrupts from devices and from the timer, and who is told of them.

#pragma once

#include "cap/slot.hh"

namespace sprat::dispatch {

// Tells the local APIC that an interrupt has been seen, and whoever is bound to its line that it came; a message of a device that
// belongs to no line is only seen. Returns whether a turn is over.
bool take_interrupt(std::uint64_t vector);

// From now on `notification` is signalled at each interrupt of `line`, once for each `acknowledge_line`. Another one that was
// bound to it is not any more.
//   invalid_argument   the machine has no such line; others: see cap::copy
Result<void> bind_line(std::uint64_t line, cap::Slot& notification);

// Lets the line's next interrupt through.  invalid_argument, not_found (nobody is bound to it)
Result<void> acknowledge_line(std::uint64_t line);
//@ since urpc

// How the doorbells of other cores are counted: those of this one are kFirstDoorbell and up.
constexpr std::uint64_t first_doorbell_of(std::uint32_t apic_id) {
  return (std::uint64_t{apic_id} + 1) << 32 | kFirstDoorbell;
}

// Interrupts the core that `line` is of. All that was stored before is seen there by whoever is signalled. A doorbell that is
// rung again before the core has heard it rings once.  invalid_argument: it is no doorbell
Result<void> ring(std::uint64_t line);

// Doorbells are heard from now on, if they were not.
void hear_doorbells();

// The same, but not before a quantum has passed since the last one was heard: at the end of the turn that begins, if not now.
void hear_doorbells_in_time();
//@ end

}  // namespace sprat::dispatch
