// interrupts.hh — interrupts from devices and from the timer, and the notifications that they signal.

#pragma once

#include "cap/slot.hh"

namespace sprat::dispatch {

// Acknowledges an interrupt at the local APIC and signals the notification that is bound to its line, if there is one.
// Returns whether a turn is over.
bool take_interrupt(std::uint64_t vector);

// Binds `notification` to `line`: it is signalled at the next interrupt, and again after each `acknowledge_line`.
// Replaces a notification that was bound before.
//   invalid_argument   the machine has no such line; others: see cap::copy
Result<void> bind_line(std::uint64_t line, cap::Slot& notification);

// Lets the line's next interrupt through.  invalid_argument, not_found (no notification is bound to it)
Result<void> acknowledge_line(std::uint64_t line);
//@ since monitor

// Signals the notification that is bound to `line`, which the machine has, as an interrupt would; without effect if there is none.
void notify_bound(std::uint64_t line);

// Signals the notification that is bound to doorbell `line` of this core when `microseconds` (up to a second) have passed, a
// quantum later at most. Takes the place of an alarm that was set before.
//   invalid_argument   there is no such doorbell
Result<void> set_alarm(std::uint64_t microseconds, std::uint64_t line);

// The timer's interrupt has come, or a turn begins: signals the alarm if it is due. There is one timer, and turns go first: the end
// of a turn is waited for, and then the rest of the time.
void hear_alarm();
//@ end

}  // namespace sprat::dispatch
