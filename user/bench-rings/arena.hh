// arena.hh — the memory that the cores of this benchmark share: a desk for the orders of each core, and a floor for its
// work.
//
//   frame    ┌────────┬────────┬─────┬──────────────────────────────────────────────┐
//            │ desk 0 │ desk 1 │  …  │ floor: rings, or words that all write         │
//            └────────┴────────┴─────┴──────────────────────────────────────────────┘
//
// It is RAM of core 0. The others adopt it, each by the capability of its kernel: the one way there is to memory of another
// core, and the system gives it to monitors only. This program takes their place, and is no example of how to share memory.

#pragma once

#include <span>

#include "lib/caps.hh"
#include "sprat/first_process.hh"
#include "urpc/ring.hh"

namespace sprat::bench {

inline constexpr std::size_t kMostCores = 8;
inline constexpr unsigned kArenaBits = 16;
inline constexpr std::uint64_t kArenaBytes = std::uint64_t{1} << kArenaBits;

// Each line is written by one side. Its control word is the number of the order, and is written last.
struct Desk {
  urpc::Line order;   // by core 0
  urpc::Line report;  // by the core whose desk it is
};

struct Arena {
  std::array<Desk, kMostCores> desk;
  std::array<urpc::Line, kArenaBytes / urpc::kLineBytes - 2 * kMostCores> floor;
};
static_assert(sizeof(Arena) == kArenaBytes);

// Where every core sees it. Valid when one of these has returned.
Arena& arena();

// On core 0: makes it, of zeros; gives its physical address.
Result<std::uint64_t> make_arena();

// On the others: adopts the one that begins at physical address `begin`.
Result<void> join_arena(std::uint64_t begin);

}  // namespace sprat::bench
