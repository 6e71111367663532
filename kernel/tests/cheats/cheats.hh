// cheats.hh — dispatchers that try to get more than their share of the processor.

#pragma once

#include "crew.hh"

namespace sprat::cheats {

inline constexpr std::size_t kMostCheats = 2;
inline constexpr std::uint64_t kServiceMicroseconds =
    600;  // how long the honest dispatcher handles a call

struct Cheat {
  const char* name;
  std::array<Code, kMostCheats> code;  // null: there are fewer of them
  std::array<Code, kMostCheats> serve = {};
  Code monitor = nullptr;  // done by the first process, which is one more cheat, again and again
};

std::span<const Cheat> all_cheats();

// Number 0 is honest, the cheats are 1 and up.
inline constinit std::array<Member*, 1 + kMostCheats> crew{};

// Wakes the first process.
inline constinit CapAddress monitors_bell{};

}  // namespace sprat::cheats
