// turns_test.cc — exercise 7: how the processor's time is shared, and that it halts when no process wants it.

#include <algorithm>
#include <sstream>

#include "events.hh"
#include "lab/probe.hh"

using namespace sprat::grading;
using lab::Event, lab::expect_times, lab::kAnyNumber, lab::probe;

namespace {

constexpr std::uint64_t kAlone = 1000, kIdle = 1001;  // regions of ../probe/turns.cc

// Workers that never wait, as the scope saw them: how often each had the processor, and the instructions that were
// executed while it had.
struct Share {
  double turns = 0, instructions = 0;
};

std::map<unsigned, Share> shares_of_workers(Trial& trial, const Booted& booted) {
  std::map<unsigned, Share> shares;
  std::optional<lab::Happened> turn;
  const auto seen = lab::happened(trial, booted).value_or(std::vector<lab::Happened>());
  for (const lab::Happened& event : seen) {
    const bool ends = event.what == Event::ends;
    if (!ends && event.what != Event::has_turn) continue;
    if (turn) {
      Share& share = shares[turn->worker];
      ++share.turns;
      share.instructions += static_cast<double>(event.time - turn->time);
    }
    turn = event;
    if (ends) break;
  }
  return shares;
}

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

LAB_TEST(turns, three_busy_dispatchers_get_equal_shares, "qemu-icount") {
  const Booted booted = trial.boot(probe("equal_turns", lab::kShortTurns));
  auto shares = shares_of_workers(trial, booted);
  const double most =
      std::max({shares[0].instructions, shares[1].instructions, shares[2].instructions, 1.0});
  for (unsigned worker = 0; worker < 3; ++worker) {
    const std::string name = "worker " + std::to_string(worker);
    expect_between(trial, name + "'s share of the largest share", 0.9, 1.0,
                   shares[worker].instructions / most);
    // 1,500 ms in turns of 10 ms, for three.
    expect_between(trial, "turns of " + name, 45, 55, shares[worker].turns);
  }
}

LAB_TEST(turns, a_dispatcher_that_yields_gives_up_the_rest_of_its_turn, "qemu-icount") {
  const Booted booted = trial.boot(probe("yielding", lab::kShortTurns));
  auto shares = shares_of_workers(trial, booted);
  // The other one has all of the time, and a turn ends each 10 ms: 100 times in 1,000 ms.
  expect_between(trial, "turns of the worker that yields", 90, 110, shares[1].turns);
  expect_between(trial, "turns of the worker that does not", 90, 110, shares[0].turns);
  expect_between(trial, "instructions for the worker that yields, as a share of the other's", 0,
                 0.25, shares[1].instructions / std::max(shares[0].instructions, 1.0));
}

LAB_TEST(turns, a_dispatcher_alone_is_not_interrupted, "qemu-icount") {
  const Booted booted = trial.boot(probe("alone", lab::kShortTurns));
  const double turns = static_cast<double>(100'000 + booted.seed % 65536);
  const auto region = trial.region(booted, kAlone, 1);
  expect_between(trial, "instructions of a loop of 2 in " + std::to_string(turns) + " rounds",
                 2 * turns, 2 * turns + 20, static_cast<double>(region.instructions));
  // 100 ms, for two.
  for (const unsigned worker : {0, 1})
    expect_times(trial, booted, {Event::has_turn, worker}, 4, kAnyNumber);
}

LAB_TEST(turns, the_processor_halts_when_all_dispatchers_wait, "qemu-icount") {
  const Booted booted = trial.boot(probe("idle", lab::kShortTurns));
  lab::expect_answers(trial, booted, {{"came", "2"}});
  expect_between(trial, "milliseconds until the timer", 45, 55,
                 numbers(booted.transcript.answers.at("milliseconds")).at(0));
  const auto region = trial.region(booted, kIdle, 1);
  expect_between(trial, "instructions in these 50 ms", 1, 5000,
                 static_cast<double>(region.instructions));
  // 50 ms before that, for two workers.
  for (const unsigned worker : {0, 1}) {
    expect_times(trial, booted, {Event::has_turn, worker}, 2, kAnyNumber);
    expect_times(trial, booted, {Event::is_done, worker}, 1, 1);
  }
}
