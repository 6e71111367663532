// cores_test.cc — exercises 1 to 4 on machines: rings between the probes of two or three real cores (../probe).

#include <algorithm>

#include "lab/probe.hh"
#include "sprat/region.hh"

using namespace sprat::grading;
using lab::sixteen;

namespace {

using Numbers = lab::Sequence;

// As the probe's Digest (../probe/pair.hh).
class StreamDigest {
 public:
  void add(std::uint64_t word) { value_ = Numbers(value_ ^ word).next(); }
  std::string text() const { return sixteen(value_); }

 private:
  std::uint64_t value_ = 0;
};

Boot boot_cores(const std::string& test, std::uint64_t arg, unsigned cpus = 2,
                unsigned slowness = 0) {
  Boot boot = lab::probe(test, slowness);
  boot.cpus = cpus;
  boot.arg = bare(arg);
  return boot;
}

// The right answer of a side whose peer sends the `messages` that `seed` decides.
std::string outcome(std::uint64_t seed, std::uint64_t messages) {
  Numbers numbers(seed);
  StreamDigest digest;
  for (std::uint64_t i = 0; i < messages; ++i) {
    digest.add(static_cast<std::uint32_t>(numbers.next()));
    for (int word = 0; word < 7; ++word) digest.add(numbers.next());
  }
  const std::string count = std::to_string(messages);
  return count + " " + count + " " + digest.text() + " again";
}

// Both cores have sent all messages, and received the other's, in order.
void expect_streams(Trial& trial, const std::string& test, std::uint64_t messages) {
  const Booted booted = trial.boot(boot_cores(test, messages));
  lab::expect_answers(
      trial, booted,
      {{"first", outcome(booted.seed + 1, messages)}, {"second", outcome(booted.seed, messages)}});
}

constexpr unsigned kPresses = 20, kPressedSlots = 16;  // ../probe/streams.cc
constexpr unsigned kLieTries = 8 * 50 * 50;

void expect_sleeps(Trial& trial, const Booted& booted) {
  constexpr const char* kSleeps = "40";  // ../probe/sleeps.cc
  lab::expect_answers(trial, booted,
                      {{"asleep", kSleeps},
                       {"signals_for_sleeps", kSleeps},
                       {"sleeps", kSleeps},
                       {"signals_for_polls", "0"},
                       {"sleeps_in_the_end", kSleeps}});
}

void expect_sleepy_calls(Trial& trial, std::uint64_t calls) {
  const Booted booted = trial.boot(boot_cores("sleepy_calls", calls, 3));
  for (std::uint64_t core = 1; core <= 2; ++core) {
    Numbers answers(booted.seed + core);
    StreamDigest digest;
    for (std::uint64_t call = 1; call <= calls; ++call) digest.add(call ^ answers.next());
    lab::expect_answers(
        trial, booted,
        {{std::to_string(core), "answers " + std::to_string(calls) + " " + digest.text()}});
  }
}

}  // namespace

LAB_TEST(ring, messages_of_two_cores_that_race_arrive_whole_and_in_order, "qemu") {
  expect_streams(trial, "epoch_streams", 1000);
}

LAB_TEST(credit, sender_stops_when_the_other_core_does_not_read, "qemu-icount") {
  const Booted booted = trial.boot(boot_cores("pressed", 0));
  Numbers reads(booted.seed);
  std::uint64_t room = kPressedSlots;
  for (unsigned press = 0; press < kPresses; ++press) {
    trial.expect_equal("messages that went out until there was no room",
                       "sent " + std::to_string(room),
                       booted.transcript.answers.at(std::to_string(press)));
    room = 1 + reads.next() % kPressedSlots;
  }
}

LAB_TEST(credit, two_cores_talk_on_bochs_as_well, "bochs") {
  expect_streams(trial, "epoch_streams", 1000);
}

LAB_TEST(credit, core_that_scribbles_reaches_nothing_outside, "qemu") {
  const Booted booted = trial.boot(boot_cores("scribbled", 0));
  lab::expect_answers(trial, booted, {{"tried", std::to_string(kLieTries)}, {"impossible", "0"}});
}

LAB_TEST(used_bit, messages_of_two_cores_that_race_arrive_whole_and_in_order, "qemu") {
  expect_streams(trial, "used_bit_streams", 1000);
}

LAB_TEST(sleep, sleeping_core_is_woken_by_one_signal, "qemu-icount") {
  expect_sleeps(trial, trial.boot(boot_cores("sleeps", 100)));
}

LAB_TEST(sleep, sleeping_core_is_woken_by_one_signal_on_bochs_as_well, "bochs") {
  expect_sleeps(trial, trial.boot(boot_cores("sleeps", 100)));
}

LAB_TEST(sleep, sleeping_core_executes_nothing, "qemu-icount") {
  constexpr unsigned kTimes64 = 6;            // an instruction takes 64 ns
  constexpr std::uint64_t kSilence = 20'000;  // microseconds, or more than 300,000 instructions
  constexpr std::uint64_t kMostOfASleep = 10'000;
  const Booted booted = trial.boot(boot_cores("sleeps", kSilence, 2, kTimes64));
  expect_sleeps(trial, booted);
  const auto sleeps = trial.region(booted, static_cast<std::uint64_t>(sprat::Region::urpc_sleep),
                                   std::stoull(booted.transcript.answers.at("waits")));
  if (sleeps.entries == 0 || sleeps.instructions > sleeps.entries * kMostOfASleep)
    trial.wrong(
        "a sleep takes no more than " + std::to_string(kMostOfASleep) + " instructions",
        std::to_string(sleeps.instructions) + " in " + std::to_string(sleeps.entries) + " sleeps",
        "A side that sleeps must not look, however long no message comes.");
}

LAB_TEST(sleep, calls_of_cores_that_race_and_fall_asleep_are_all_answered, "qemu") {
  expect_sleepy_calls(trial, 500);
}
