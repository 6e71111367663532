// seed.hh — the seed of a test with random input.

#pragma once

#include <cstdint>
#include <cstdlib>
#include <random>

namespace sprat::test {

// The seed of a test: SPRAT_SEED=N, or a new one. Tests print it when they fail.
inline std::uint64_t any_seed() {
  const char* const asked_for = std::getenv("SPRAT_SEED");
  return asked_for != nullptr ? std::strtoull(asked_for, nullptr, 0) : std::random_device()();
}

}  // namespace sprat::test
