// other_cores.hh — signals from other cores and to them, which are doorbells, and frames of their memory.

#pragma once

#include <optional>

#include "cap/slot.hh"

namespace sprat::dispatch {

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

// A doorbell has interrupted this core; `notification` is bound to it, or none. Perhaps no other one is let in for a while.
void doorbell_came(const cap::Slot& notification);

// Lets doorbells interrupt this core again, if they were held back.
void hear_doorbells();

// The same, but not before a quantum has passed since the last one: at the end of the turn that begins, if not now.
void hear_doorbells_in_time();

// Puts a capability to doorbells of the core `apic_id` into `slot`: `how_many` of them from `first` on, or with 0 all that follow.
// It is the original: when it is revoked, its copies go, and no copies of others.
//   slot_in_use        the slot is not empty
//   invalid_argument   no core can have that number, or there are not so many doorbells
//   out_of_memory      it was done 2^32 - 1 times
Result<void> grant_doorbells(cap::Slot& slot, std::uint64_t apic_id, std::uint64_t first,
                             std::uint64_t how_many);

// Puts a capability to a frame of the memory of core `owner` into `slot`: the caller has agreed with that core that nothing
// else will be made from it. Looks up each page, and all frames adopted before. No byte is adopted twice before the
// last capability to the first frame is gone.
//   slot_in_use        the slot is not empty
//   misaligned         not whole pages
//   invalid_argument   more than kMostAdopted bytes, or none; some of it is not RAM (memory::ShareableMemory); no core has this number
//   in_use             some of it is this core's own memory, was adopted already, or is where a CPU driver lives
//   out_of_memory      kMostAdoptions frames are adopted
Result<void> adopt_frame(cap::Slot& slot, PhysicalAddress begin, std::uint64_t bytes,
                         std::uint64_t owner);
inline constexpr std::uint64_t kMostAdopted = 256 << 10;
inline constexpr std::size_t kMostAdoptions = 128;

// Forgets an adopted frame, whose last capability on this core is about to be deleted.
void end_adoption(PhysicalRange frame);
//@ since monitor

// The last copy of the adopted `frame`, of which only the monitor's own capability is left, has been deleted: signals the doorbell
// that next_lonely was given. Looks up all adopted frames.
void note_lonely(PhysicalRange frame);

// Returns the address of a frame for which that has happened since it was last returned; the next one signals doorbell `line`.
//   not_found   there is none      invalid_argument   there is no such doorbell
Result<PhysicalAddress> next_lonely(std::uint64_t line);

// Takes `ram`, 2 MiB, out of this core's window, for another core. The kernel keeps its capability, or deletes it if the RAM is another
// core's. Changes one entry of the window.
//   in_use             something has been made of it
//   misaligned, invalid_argument   it is not 2 MiB at a multiple of that; or not below 4 GiB
//   out_of_memory      cap::kMostLent others have left already
Result<void> leave_window(cap::Slot& ram);

// Puts 2 MiB of RAM at `begin` into this core's window, unused, and a capability to it into `slot`: the caller has agreed with the other
// cores that none has it. It is this core's if it has left, else core `owner`'s. Visits all adopted frames, and all RAM that has left.
//   slot_in_use        the slot is not empty
//   misaligned, invalid_argument   it is not at a multiple of 2 MiB, or not all RAM below 4 GiB (memory::ShareableMemory);
//                      no core has this number
//   in_use             it is in the window already; some of it is adopted, is where a CPU driver lives, or has left with other memory
Result<void> enter_window(cap::Slot& slot, PhysicalAddress begin, std::uint64_t owner);
//@ end

}  // namespace sprat::dispatch
