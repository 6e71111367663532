// powers.hh — what can be asked by the holder of the Kernel capability: a monitor, which may be wrong, and must not break its core.

#pragma once

#include <cstdint>

namespace sprat::hostile {

// Tries everything once and says on the console what was not as it must be. `apic_id` is this core's. Returns whether all was well.
bool try_powers(std::uint32_t apic_id);

}  // namespace sprat::hostile
