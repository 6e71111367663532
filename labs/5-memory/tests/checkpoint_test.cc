// checkpoint_test.cc — messages for each piece, and pieces that lie unused while the need moves from core to core.

#include "servers.hh"

using namespace lab;

namespace {

// Core 0 is the home of `pieces` pieces, each other core of none.
std::vector<Core> all_of_core_0(std::size_t pieces) { return std::vector<Core>(pieces, 0); }

std::size_t cost(Servers& servers, Core core) {
  const std::size_t before = servers.messages;
  servers.allocate(core);
  servers.run();
  return servers.messages - before;
}

void expect_success(Trial& trial, const Servers& servers) {
  if (servers.out_of_memory != 0) trial.wrong("a piece for each allocation", "out_of_memory");
}

}  // namespace

LAB_TEST(checkpoint, pieces, "host") {
  Servers servers(trial, 4, {0, 0, 0, 1, 2, 3}, {.reserve = 0, .low = 4, .high = 6});
  std::size_t local = 0;
  for (Core core = 1; core < 4; ++core) local += cost(servers, core);
  trial.value("messages_of_local_allocation", static_cast<double>(local));
  // Core 0 has 3, of which it gives 2 at once: a question and two pieces.
  const std::size_t stolen = cost(servers, 3) - 1 + cost(servers, 3);
  trial.value("messages_of_stolen_piece", static_cast<double>(stolen));
  expect_success(trial, servers);
}

// Core 2 has borrowed all of core 0's pieces; core 1 asks it first.
LAB_TEST(checkpoint, borrowed_pieces, "host") {
  Servers servers(trial, 3, all_of_core_0(3), {.reserve = 0, .low = 4, .high = 6});
  for (int i = 0; i < 3; ++i) cost(servers, 2);
  for (int i = 0; i < 3; ++i) servers.release(2);
  servers.run();
  trial.value("messages_of_borrowed_piece", static_cast<double>(cost(servers, 1)));
  expect_success(trial, servers);
}

LAB_TEST(checkpoint, nothing_left, "host") {
  constexpr Core kCores = 8;
  Servers servers(trial, kCores, {}, {.reserve = 0});
  trial.value("messages_of_request_in_vain",
              static_cast<double>(cost(servers, trial.below(kCores))));
}

// In each round another core needs all memory but what others must keep: their reserve, and a piece that is in use in part. The value
// is how much memory there must be beside the pieces in use, as a percentage of N * (reserve + 1) pieces.
LAB_TEST(checkpoint, need_that_moves, "host") {
  constexpr Core kCores = 4;
  constexpr std::size_t kNeeded = 6;
  constexpr Limits kLimits{.reserve = 1, .low = 1, .high = 3};
  constexpr std::size_t kBound = kCores * (kLimits.reserve + 1);
  const auto suffices = [&](std::size_t beside) {
    Servers servers(trial, kCores, all_of_core_0(kNeeded + beside), kLimits);
    for (std::size_t round = 0; round < 3 * kCores; ++round) {
      for (Core core = 0; core < kCores; ++core) cost(servers, core);
      for (std::size_t i = 0; i < kNeeded; ++i) cost(servers, round % kCores);
      for (Core core = 0; core < kCores; ++core)
        while (servers.used(core) != 0) servers.release(core);
      servers.expect_rest();
    }
    return servers.out_of_memory == 0;
  };
  std::size_t beside = kBound / 2;
  while (beside < 2 * kBound && !suffices(beside)) ++beside;
  trial.value("pieces_beside_the_need_that_moves",
              100.0 * static_cast<double>(beside) / static_cast<double>(kBound));
}
