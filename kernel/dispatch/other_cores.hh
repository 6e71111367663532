// other_cores.hh — what starting another core means for capabilities: RAM leaves this core for good.

#pragma once

#include <cstdint>

#include "cap/slot.hh"

namespace sprat::dispatch {

// The first step of loading a core (boot::begin_loading). The capability goes from `ram` to the kernel, which keeps
// it, marked as remote, so that nothing can ever be made from that memory here again.
//   in_use   something has been made from the RAM, or it is known to other cores; other errors: see boot::begin_loading
Result<void> begin_loading_core(std::uint32_t apic_id, cap::Slot& ram, std::uint64_t package_bytes);

}  // namespace sprat::dispatch
