// interrupts.hh — interrupts from devices and from the timer, and who is told of them.

#pragma once

#include <cstdint>
#include <optional>

#include "cap/slot.hh"

namespace sprat::dispatch {

// Tells the local APIC that an interrupt has been seen, and the notification bound to its line that it came; a message of a device that
// belongs to no line is only seen. Returns whether a turn is over.
bool take_interrupt(std::uint64_t vector);

// From now on `notification` is signalled at each interrupt of `line`, once for each `acknowledge_line`. Another one that was
// bound to it is not any more.
//   invalid_argument   the machine has no such line; others: see cap::copy
Result<void> bind_line(std::uint64_t line, cap::Slot& notification);

// Lets the line's next interrupt through.  invalid_argument, not_found (nobody is bound to it)
Result<void> acknowledge_line(std::uint64_t line);
//@ since urpc

// How doorbells that were given out are counted, those of this core as well: each gift has numbers of its own, so that two gifts of
// one line are two objects, and revoking one leaves the other's copies alone.
//
//   bits   63            32 31             16 15       0
//          serial number   APIC id + 1       line        0 in the upper 48 bits: a line of this core
constexpr std::uint64_t doorbell_number(std::uint32_t serial, std::uint32_t apic_id,
                                        std::uint64_t line) {
  return std::uint64_t{serial} << 32 | std::uint64_t{apic_id + 1} << 16 | line;
}
constexpr std::uint64_t line_of_doorbell(std::uint64_t number) { return number & 0xffff; }
// Nothing if it is a line of this core.
constexpr std::optional<std::uint32_t> core_of_doorbell(std::uint64_t number) {
  const auto core = static_cast<std::uint32_t>(number >> 16 & 0xffff);
  return core != 0 ? std::optional(core - 1) : std::nullopt;
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
