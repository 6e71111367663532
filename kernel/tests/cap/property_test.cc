// property_test.cc — operations by the million; after each, the world is as the model says.
//
// A failure prints its seed and the last operations; SPRAT_SEED=N repeats it.

#include <criterion/criterion.h>

#include <cstdlib>

#include "tests/cap/world.hh"

using namespace sprat::test;

namespace {

constexpr std::size_t kOperationsPerWorld = 20'000;
constexpr std::size_t kWorlds = 55;

// Why a world that starts from `seed` is not as it should be; empty if it is.
std::string run_world(std::uint64_t seed) {
  World world(seed);
  std::size_t operation = 0;
  try {
    for (; operation < kOperationsPerWorld; ++operation) world.step();
    world.end();
    return {};
  } catch (const Mismatch& failure) {
    std::string text = "SPRAT_SEED=" + std::to_string(seed) + ", operation " +
                       std::to_string(operation) + ": " + failure.what + "\nAfter these:\n";
    for (const std::string& line : world.log()) text += "  " + line + "\n";
    return text;
  }
}

void run_worlds(std::uint64_t first_seed) {
  const char* const asked_for = std::getenv("SPRAT_SEED");
  const std::uint64_t seed =
      asked_for != nullptr ? std::strtoull(asked_for, nullptr, 0) : first_seed;
  std::string failure;
  for (std::uint64_t number = 0; number < kWorlds && failure.empty(); ++number) {
    failure = run_world(seed + number);
  }
  cr_expect(failure.empty(), "%s", failure.c_str());
}

}  // namespace

Test(random_operations, leave_the_world_as_the_model_says) { run_worlds(std::random_device()()); }

Test(random_operations, leave_the_world_as_the_model_says_with_the_usual_seeds) { run_worlds(1); }
