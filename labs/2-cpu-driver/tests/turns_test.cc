// turns_test.cc — exercise 7: how the processor's time is shared, and that nobody uses it when nobody wants it.

#include <algorithm>
#include <sstream>

#include "lab/probe.hh"

using namespace sprat::grading;
using lab::probe;

namespace {

constexpr std::uint64_t kAlone = 1000, kIdle = 1001;  // regions of ../probe/turns.cc

std::vector<double> numbers(const std::string& text) {
  std::istringstream words(text);
  return {std::istream_iterator<double>(words), {}};
}

void expect_between(Trial& trial, const std::string& what, double least, double most, double came) {
  if (came >= least && came <= most) return;
  std::ostringstream wanted, got;
  wanted << what << ": from " << least << " to " << most;
  got << came;
  trial.wrong(wanted.str(), got.str());
}

}  // namespace

LAB_TEST(turns, three_that_never_wait_get_equal_shares, "qemu-icount") {
  const Booted booted = trial.boot(probe("equal_turns", lab::kShortTurns));
  const auto loops = numbers(booted.transcript.answers.at("loops"));
  const auto away = numbers(booted.transcript.answers.at("away"));
  const double most = *std::ranges::max_element(loops);
  for (unsigned worker = 0; worker < 3; ++worker) {
    const std::string name = "worker " + std::to_string(worker);
    expect_between(trial, name + "'s share of the largest share", 0.9, 1.0,
                   loops.at(worker) / most);
    // 1,500 ms in turns of 10 ms: each is away 50 times.
    expect_between(trial, "how often " + name + " waited for its turn", 45, 55, away.at(worker));
  }
}

LAB_TEST(turns, who_yields_gives_the_rest_of_its_turn_away, "qemu-icount") {
  const Booted booted = trial.boot(probe("yielding", lab::kShortTurns));
  // The other one has all of the time, and a turn ends each 10 ms: 100 times in 1,000 ms.
  expect_between(trial, "turns of the one who yields", 90, 110,
                 numbers(booted.transcript.answers.at("turns")).at(0));
}

LAB_TEST(turns, who_is_alone_is_not_interrupted, "qemu-icount") {
  const Booted booted = trial.boot(probe("alone", lab::kShortTurns));
  const double turns = static_cast<double>(100'000 + booted.seed % 65536);
  const auto region = trial.region(booted, kAlone, 1);
  expect_between(trial, "instructions of a loop of 2 in " + std::to_string(turns) + " rounds",
                 2 * turns, 2 * turns + 20, static_cast<double>(region.instructions));
}

LAB_TEST(turns, when_all_wait_the_processor_halts, "qemu-icount") {
  const Booted booted = trial.boot(probe("idle"));
  lab::expect_answers(trial, booted, {{"came", "2"}});
  expect_between(trial, "milliseconds until the timer", 45, 55,
                 numbers(booted.transcript.answers.at("milliseconds")).at(0));
  const auto region = trial.region(booted, kIdle, 1);
  expect_between(trial, "instructions in these 50 ms", 1, 5000,
                 static_cast<double>(region.instructions));
}
