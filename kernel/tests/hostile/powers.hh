// powers.hh — what can be asked by the holder of the Kernel capability: a monitor, which may be wrong, and must not break its core.

#pragma once

#include <cstdint>

namespace sprat::hostile {

struct PowersAtHand {
  std::uint32_t apic_id;      // of this core
  std::uint64_t foreign;      // a page of another core's memory that this one has adopted
  std::uint64_t others_base;  // where that core's RAM begins: its CPU driver is there
};

// Tries everything once and says on the console what was not as it must be. Returns whether all was well.
bool try_powers(const PowersAtHand& at_hand);

}  // namespace sprat::hostile
