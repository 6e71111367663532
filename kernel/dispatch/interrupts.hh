// interrupts.hh — interrupts from devices and from the timer, and the notifications that they signal.

#pragma once

#include <cstdint>
#include <optional>

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
//@ since urpc

// The numbers by which capabilities name doorbells, of this core as well: each grant has numbers of its own, so that
// two grants of one line are two objects, and revoking one leaves the copies of the other.
//
//   bits   63            32 31             16 15       0
//          serial number   APIC id + 1       line        0 in the upper 48 bits: a line of this core
constexpr std::uint64_t doorbell_number(std::uint32_t serial, std::uint32_t apic_id,
                                        std::uint64_t line) {
  return std::uint64_t{serial} << 32 | std::uint64_t{apic_id + 1} << 16 | line;
}
constexpr std::uint64_t line_of_doorbell(std::uint64_t number) { return number & 0xffff; }
// Returns nothing for a line of this core.
constexpr std::optional<std::uint32_t> core_of_doorbell(std::uint64_t number) {
  const auto core = static_cast<std::uint32_t>(number >> 16 & 0xffff);
  return core != 0 ? std::optional(core - 1) : std::nullopt;
}

// Interrupts the core of `line`. The signalled process sees all stores from before. Two signals of a doorbell that the
// core takes at one time count as one.  invalid_argument: it is no doorbell
Result<void> signal_doorbell(std::uint64_t line);

// Lets doorbells interrupt this core again, if they were held back.
void hear_doorbells();

// The same, but not before a quantum has passed since the last one: at the end of the turn that begins, if not now.
void hear_doorbells_in_time();
//@ end

}  // namespace sprat::dispatch
