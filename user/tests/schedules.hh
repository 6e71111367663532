// schedules.hh — many schedules, each from a seed that repeats it: SCHEDULES=N tries N, SPRAT_SEED=N repeats one that failed.

#pragma once

#include <criterion/criterion.h>

#include "tests/seed.hh"

namespace sprat::test {

// How many a test tries by itself: few under sanitizers. Where nothing slows it down, the build asks for more.
#ifndef SPRAT_SCHEDULES
#define SPRAT_SCHEDULES 1'000
#endif
inline constexpr std::uint64_t kSchedules = SPRAT_SCHEDULES;
inline constexpr bool kIsSlowedDown = kSchedules == 1'000;
// In cores.
inline constexpr std::size_t kLargestSystem = kIsSlowedDown ? 64 : 1'024;

// Calls `run(seed)`, which returns a description of the failure or null, for `count` new seeds.
template <class Run>
void try_schedules(std::uint64_t count, Run run) {
  const char* const asked_for = std::getenv("SCHEDULES");
  const bool is_one = std::getenv("SPRAT_SEED") != nullptr;
  if (asked_for != nullptr) count = std::strtoull(asked_for, nullptr, 0);
  if (is_one) count = 1;
  const std::uint64_t first = any_seed() << (is_one ? 0 : 24);
  for (std::uint64_t seed = first; seed < first + count; ++seed) {
    const char* const wrong = run(seed);
    cr_assert(wrong == nullptr, "SPRAT_SEED=%lu: %s", seed, wrong);
  }
}

}  // namespace sprat::test
