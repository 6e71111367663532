// stress_test.cc — messages between cores that really run at once, each checked on arrival: MESSAGES of them through bare rings,
// and as many through channels. STRESS_SEED repeats the random choices of the cores, though not their timing.

#include <criterion/criterion.h>

#include <random>

#include "kernel/tests/system/session.hh"

using namespace sprat::grading;

namespace {

// Of all messages, these parts: where a computer has fewer processors than the machine, a core that polls keeps its peer from
// answering until its time is up.
struct Share {
  unsigned cores, sixteenths;
};
constexpr Share kShares[] = {{2, 12}, {4, 3}, {8, 1}};

struct Amount {
  explicit Amount(unsigned sixteenths)
      : messages(from_environment("MESSAGES", 100'000) * sixteenths / 16) {}

  std::uint64_t messages;
  std::uint64_t seed = from_environment("STRESS_SEED", std::random_device{}());
  double seconds = 60 + static_cast<double>(messages) / 2'000;

  std::string say(unsigned cores) const {
    return std::to_string(messages) + " messages on " + std::to_string(cores) +
           " cores, STRESS_SEED=" + std::to_string(seed);
  }
};

}  // namespace

Test(stress, rings_deliver_all_messages_between_two_cores) {
  for (const auto [cores, sixteenths] : kShares) {
    const Amount amount(sixteenths);
    MachineConfig config = machine_of({.cores = cores, .wall_seconds = amount.seconds});
    config.modules = {{build_folder() / "user/rings-bench",
                       "monitor messages=" + std::to_string(amount.messages) +
                           " seed=" + std::to_string(amount.seed)}};
    const RunResult result = Machine(config).run();
    cr_assert(result.ending == Ending::said_ok, "%s: %s\n%s", amount.say(cores).c_str(),
              result.explanation.c_str(), result.console.c_str());
    std::size_t kinds = 0;
    for (std::size_t at = 0;
         (at = result.console.find("all as they were sent", at)) != std::string::npos; ++at)
      ++kinds;
    cr_expect_eq(kinds, 4, "%s:\n%s", amount.say(cores).c_str(), result.console.c_str());
  }
}

Test(stress, channels_deliver_all_messages_and_wake_receivers) {
  for (const auto [cores, sixteenths] : kShares) {
    const Amount amount(sixteenths);
    std::vector<std::string> more = {"stress"};
    for (unsigned core = 1; core < cores; ++core)
      more.push_back("stress core=" + std::to_string(core));
    const RunResult result = session({.typed = "run stress " + std::to_string(amount.messages) +
                                               " " + std::to_string(amount.seed) + "\n",
                                      .cores = cores,
                                      .more = more,
                                      .wall_seconds = amount.seconds});
    cr_assert(result.ending == Ending::said_ok, "%s: %s\n%s", amount.say(cores).c_str(),
              result.explanation.c_str(), result.console.c_str());
    const std::string all =
        " messages with " + std::to_string(cores - 1) + " peers: all as they were sent";
    cr_expect(result.console.find(all) != std::string::npos, "%s:\n%s", amount.say(cores).c_str(),
              result.console.c_str());
  }
}
