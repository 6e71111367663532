// deaths_test.cc — processes of all cores that are killed at random moments (user/tests/programs/reaper.cc), or end, or
// fault: the tables of each monitor hold the same afterwards as before.
//
// KILLS says how many are killed in all, KILLS_SEED begins otherwise than at a fresh seed.

#include <criterion/criterion.h>

#include <random>

#include "kernel/tests/system/session.hh"

using namespace sprat::grading;

namespace {

// Of all deaths, so many tenths. The first run of the reaper makes the monitor's heap and tables as large as they will be.
void expect_census_unchanged(Emulator emulator, unsigned cores, unsigned tenths) {
  const std::uint64_t kills = from_environment("KILLS", 300) * tenths / 10;
  const std::uint64_t seed = from_environment("KILLS_SEED", std::random_device{}() % 1'000'000);
  const std::string run = std::to_string(kills) + " " + std::to_string(seed);
  std::vector<std::string> more{"victim", "reaper"};
  for (unsigned core = 1; core < cores; ++core)
    for (const char* program : {"victim core=", "reaper core="})
      more.push_back(program + std::to_string(core));
  const RunResult result =
      session({.emulator = emulator,
               .typed = "run reaper 60 1\ncensus\nrun reaper " + run + "\ncensus\n",
               .cores = cores,
               .more = more,
               .wall_seconds = 120 + static_cast<double>(kills) / 2});
  expect_session(result, {"all came back", "all came back", "Good bye."});
  const std::string before = census(result.console, 1), after = census(result.console, 2);
  cr_expect(!before.empty() && before == after,
            "KILLS_SEED=%lu: %lu kills on %u cores, before\n%s\nand after\n%s\n%s", seed, kills,
            cores, before.c_str(), after.c_str(), result.console.c_str());
}

}  // namespace

Test(deaths, at_any_moment_give_back_all_on_four_cores) {
  expect_census_unchanged(Emulator::qemu, 4, 4);
}
Test(deaths, at_any_moment_give_back_all_on_two_cores) {
  expect_census_unchanged(Emulator::qemu, 2, 2);
}
Test(deaths, at_any_moment_give_back_all_when_time_is_counted_in_instructions) {
  expect_census_unchanged(Emulator::qemu_icount, 3, 3);
}
Test(deaths, at_any_moment_give_back_all_on_bochs) {
  expect_census_unchanged(Emulator::bochs, 2, 1);
}
