// hooks.hh — what capabilities need to happen above this folder.

#pragma once

#include "cap/slot.hh"

namespace sprat::cap {

// A new Dispatcher at `slot`'s base, in zeroed memory, is to be made ready for `configure`.
void dispatcher_made(const Slot& slot);

// The capability in `slot` (is_part) is about to go: the dispatcher around it must not run on. Also called for the
// parts of a dispatcher that has died.
void dispatcher_lost_part(const Slot& slot);

// The last capability to the Dispatcher of `slot` went: it must be taken off every list, its callers told.
void dispatcher_died(const Slot& slot);

// The last capability here to the foreign frame of `slot` is about to go.
void foreign_frame_ended(const Slot& slot);

// The slot in which a Dispatcher keeps its own capability while it comes apart, and the number of and the first of
// those that hold what it lives from.
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
