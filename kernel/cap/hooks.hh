// hooks.hh — functions above this folder that operations on capabilities call.

#pragma once

#include "cap/slot.hh"

namespace sprat::cap {

// A new Dispatcher at `slot`'s base, in zeroed memory, is to be made ready for `configure`.
void dispatcher_made(const Slot& slot);

// The capability in `slot` (is_part) is about to go: the dispatcher around it must not run on. Also called for the
// parts of a dispatcher that has died.
void dispatcher_lost_part(const Slot& slot);

// Takes the Dispatcher of `slot`, whose last capability was deleted, off every list and ends the calls to it.
void dispatcher_died(const Slot& slot);

// Forgets the foreign frame of `slot`, whose last capability on this core is about to be deleted.
void foreign_frame_ended(const Slot& slot);

// Return the slot in which a Dispatcher keeps its own capability while it is taken apart, and the first of the
// kDispatcherParts slots that hold its CSpace, address space, frame and report.
Slot& dispatcher_own_slot(const Slot& dispatcher);
Slot* dispatcher_parts(const Slot& dispatcher);
inline constexpr std::size_t kDispatcherParts = 4;

// Translations for [address, address + bytes) in the address space below `root` must not be used any longer.
void forget_translations(PhysicalAddress root, VirtualAddress address, std::uint64_t bytes);

// The address space below `root` is about to go; if the processor is using it, it must use another one.
void leave_address_space(PhysicalAddress root);

// Fills the kernel's half of a new root table.
void make_kernel_half(TableObject& root);

}  // namespace sprat::cap
