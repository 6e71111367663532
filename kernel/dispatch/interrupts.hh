// interrupts.hh — interrupts from devices and from the timer, and who is told of them.

#pragma once

#include "cap/slot.hh"

namespace sprat::dispatch {

// Tells the local APIC that an interrupt has been seen, and whoever is bound to its line that it came. True: a turn is over.
bool take_interrupt(std::uint64_t vector);

// From now on `notification` is signalled at each interrupt of `line`, once for each `acknowledge_line`. Another one that was
// bound to it is not any more.
//   invalid_argument   the machine has no such line; others: see cap::copy
Result<void> bind_line(std::uint64_t line, cap::Slot& notification);

// Lets the line's next interrupt through.  invalid_argument, not_found (nobody is bound to it)
Result<void> acknowledge_line(std::uint64_t line);

}  // namespace sprat::dispatch
