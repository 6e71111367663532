// experiment.hh — something that several cores do at once, and how it is marked for the scope.
//
// Each core that takes part has a role, from 0, and does the same number of rounds: first some to warm up, then the
// measured ones, between the markers of a region, then some that keep up the load until all cores are done.

#pragma once

#include <initializer_list>
#include <span>
#include <string_view>

#include "sprat/region.hh"
#include "urpc/ring.hh"

namespace sprat::bench {

inline constexpr std::uint64_t kRounds = 1024;
inline constexpr std::uint64_t kOtherRounds = 256;
inline constexpr std::uint64_t kAllRounds = kRounds + 2 * kOtherRounds;

struct Part {
  std::size_t role, roles;
  std::uint64_t amount, seed;   // where used: of messages; of random numbers
  std::uint32_t peer_apic_id;   // of a pair: by which doorbell to wake the other
  std::span<urpc::Line> floor;  // zeros when all begin
};

// Ticks of the time-stamp counter for all rounds that count.  malformed: something else has come than was sent
using Play = Result<std::uint64_t> (*)(const Part& part);

struct Experiment {
  std::string_view what;  // round-trip, stream, paced, message; stores, messages; exchange
  std::string_view ring;  // epoch, used-bit, head-tail; -
  unsigned words, slots;  // of a message; of a ring
  unsigned lines;         // of shared state
  unsigned region;        // for two cores; with more cores, as much more
  Play play;
};

// All of them, in the order of the tables.
std::span<const Experiment> conversations();  // conversations.cc: of two cores
std::span<const Experiment> updates();        // updates.cc: of any number
std::span<const Experiment> exchanges();      // stress.cc: of pairs; without rounds and region

// Regions of experiments have the numbers from here on.
inline constexpr unsigned kFirstRegion = 256;

inline std::uint64_t now() { return __builtin_ia32_rdtsc(); }

// The rounds from 0 on: `round(i)`, whose code is here once, so that the compiler can keep a ring's books in registers.
template <unsigned kRegion, class Round>
SPRAT_INLINE std::uint64_t all_rounds(Round round) {
  std::uint64_t i = 0, spent = 0;
  for (const std::uint64_t end : {kOtherRounds, kOtherRounds + kRounds, kAllRounds}) {
    const std::uint64_t begin = now();
    const bool counts = i == kOtherRounds;
    if (counts) region_begin<static_cast<Region>(kRegion)>();
    for (; i < end; ++i) round(i);
    if (!counts) continue;
    region_end<static_cast<Region>(kRegion)>();
    spent = now() - begin;
  }
  return spent;
}

// The sum of the words of all rounds, if each is its round's number.
inline constexpr std::uint64_t kSum = kAllRounds * (kAllRounds - 1) / 2;

}  // namespace sprat::bench
