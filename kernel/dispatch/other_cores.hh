// other_cores.hh — capabilities and other cores: memory that leaves this core, and memory that is shared.

#pragma once

#include <cstdint>

#include "cap/slot.hh"

namespace sprat::dispatch {

// The first step of loading a core (boot::begin_loading). The capability goes from `ram` to the kernel, which keeps
// it, marked as remote, so that nothing can ever be made from that memory here again.
//   in_use   something has been made from the RAM, or it is known to other cores; other errors: see boot::begin_loading
Result<void> begin_loading_core(std::uint32_t apic_id, cap::Slot& ram, std::uint64_t package_bytes);
//@ since urpc

// Puts a capability to doorbells of the core `apic_id` into `slot`: `how_many` of them from `first` on, or with 0 all that follow.
// It is the original: when it is revoked, its copies go, and no copies of others.
//   slot_in_use        the slot is not empty
//   invalid_argument   no core can have that number, or there are not so many doorbells
//   out_of_memory      it was done 2^32 - 1 times
Result<void> grant_doorbells(cap::Slot& slot, std::uint64_t apic_id, std::uint64_t first,
                             std::uint64_t how_many);

// Puts a capability to a frame of another core's memory into `slot`: the caller has agreed with that core that nothing
// else will be made from it. Looks up each page, and all frames adopted before. No byte is adopted twice before the
// last capability to the first frame is gone.
//   slot_in_use        the slot is not empty
//   misaligned         not whole pages
//   invalid_argument   more than kMostAdopted bytes, or none, or some of it is not RAM (memory::ShareableMemory)
//   in_use             some of it is this core's own memory, was adopted already, or is where a CPU driver lives
//   out_of_memory      kMostAdoptions frames are adopted
Result<void> adopt_frame(cap::Slot& slot, PhysicalAddress begin, std::uint64_t bytes);
inline constexpr std::uint64_t kMostAdopted = 256 << 10;
inline constexpr std::size_t kMostAdoptions = 128;
//@ end

// Returns whether a descendant of `slot` is in use by other cores: a frame that they may hold, or their RAM.
bool is_known_to_other_cores(const cap::Slot& slot);

}  // namespace sprat::dispatch
