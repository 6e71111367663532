// property_test.cc — operations by the million; after each, the world is as the model says.
//
// SPRAT_SEED=N repeats a run, ROUNDS=N makes it N times as long. What fails prints its seed and the last operations.

#include <criterion/criterion.h>

#include <cstdlib>

#include "tests/cap/world.hh"

using namespace sprat::test;

namespace {

constexpr std::size_t kOperationsPerWorld = 20'000;
constexpr std::size_t kWorlds = 55;

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 0) : otherwise;
}

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
  const std::uint64_t seed = number_from("SPRAT_SEED", first_seed);
  const std::uint64_t worlds = kWorlds * number_from("ROUNDS", 1);
  std::string failure;
  for (std::uint64_t number = 0; number < worlds && failure.empty(); ++number) {
    failure = run_world(seed + number);
  }
  cr_expect(failure.empty(), "%s", failure.c_str());
}

}  // namespace

Test(random_operations, leave_the_world_as_the_model_says) { run_worlds(std::random_device()()); }

Test(random_operations, leave_the_world_as_the_model_says_with_the_usual_seeds) { run_worlds(1); }
