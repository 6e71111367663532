// powers.hh — the methods of the Kernel capability: its holder, a monitor, may be wrong, and must not break its core.

#pragma once

#include <cstdint>

namespace sprat::hostile {

struct PowersAtHand {
  std::uint32_t apic_id;      // of this core
  std::uint64_t foreign;      // a page of another core's memory that this one has adopted
  std::uint64_t others_base;  // where that core's RAM begins: its CPU driver is there
};

// Tries everything once and prints failures on the console. Returns whether all was well.
bool try_powers(const PowersAtHand& at_hand);

}  // namespace sprat::hostile
