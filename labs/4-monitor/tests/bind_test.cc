// bind_test.cc — exercise 2: channels between processes, in the booted system (../system/programs/binds.cc).

#include "booted.hh"

using namespace lab;
using sprat::grading::Booted, sprat::grading::Trial;

namespace {

constexpr std::uint64_t kManyRounds = 40;

std::string mixed(std::uint64_t core, std::uint64_t number) {
  return std::to_string(mix(core, number));
}
std::string many(std::uint64_t core, std::uint64_t number) {
  std::uint64_t sum = 0;
  for (std::uint64_t round = 0; round < kManyRounds; ++round) sum += mix(core, number + round);
  return std::to_string(sum);
}

}  // namespace

LAB_TEST(bind, processes_of_one_core_reach_each_other, "qemu-icount") {
  const Booted booted = boot_system(trial, 1, {"home here", "answerer", "late"});
  Sequence numbers(booted.seed);
  const std::uint64_t number = numbers.next(), first = numbers.next();
  expect_answers(trial, booted,
                 {{"early", "0"},
                  {"mixed", mixed(0, number)},
                  {"no_such", "not_found"},
                  {"no_core", "not_found"},
                  {"many", many(0, first)},
                  {"leave", "peer_gone"},
                  {"ends", "0"}});
}

LAB_TEST(bind, strangers_on_two_cores_reach_each_other, "qemu") {
  const Booted booted = boot_system(
      trial, 3, {"home elsewhere", "answerer core=1", "answerer core=2", "late core=2"});
  Sequence numbers(booted.seed);
  const std::uint64_t late = numbers.next(), one = numbers.next(), two = numbers.next(),
                      to_two = numbers.next(), to_one = numbers.next(), first = numbers.next(),
                      last = numbers.next();
  expect_answers(trial, booted,
                 {{"early", "0"},
                  {"late", mixed(2, late)},
                  {"one", "0"},
                  {"two", "0"},
                  {"by_one", mixed(1, one)},
                  {"by_two", mixed(2, two)},
                  {"one_to_two", mixed(2, to_two)},
                  {"two_to_one", mixed(1, to_one)},
                  {"one_to_no_core", "not_found"},
                  {"no_such", "not_found"},
                  {"many", many(2, first)},
                  {"still_there", mixed(1, last)}});
}

LAB_TEST(bind, channel_ends_when_either_side_ends, "bochs") {
  const Booted booted = boot_system(
      trial, 2,
      {"home ends", "answerer core=1", "victim core=1", "never core=1", "brief core=1", "asker"});
  Sequence numbers(booted.seed);
  const std::uint64_t victim = numbers.next(), first = numbers.next(), last = numbers.next();
  expect_answers(trial, booted,
                 {{"stays", "0"},
                  {"brief", "not_found"},
                  {"early_before", "0"},
                  {"early", "1"},
                  {"early_after", "0"},
                  {"ends_after", "1"},
                  {"victim", "0"},
                  {"victim_mixes", mixed(1, victim)},
                  {"victim_leaves", "peer_gone"},
                  {"many", many(1, first)},
                  {"ends_here", "1"},
                  {"ends_there", "1"},
                  {"stays_open", mixed(1, last)}});
}

LAB_TEST(bind, peers_of_a_core_that_stops_are_gone, "qemu") {
  const Booted booted =
      boot_system(trial, 3, {"home stops", "answerer core=1", "answerer core=2", "never core=2"});
  Sequence numbers(booted.seed);
  const std::uint64_t two = numbers.next(), held = numbers.next();
  numbers.next();  // of the order that fails
  expect_answers(trial, booted,
                 {{"one", "0"},
                  {"two", "0"},
                  {"mixed", mixed(2, two)},
                  {"held", mixed(2, held)},
                  {"early", "1"},
                  {"stop", "0"},
                  {"mixed_after", "peer_gone"},
                  {"held_after", "peer_gone"},
                  {"waited", "peer_gone"},
                  {"ends", "1"},
                  {"start", "0"},
                  {"two_again", "0"},
                  {"mixed_again", mixed(2, numbers.next())}});
}

LAB_TEST(checkpoint, binds, "qemu-icount") {
  const Booted booted = boot_system(trial, 2, {"home counts", "answerer core=1"});
  expect_answers(trial, booted,
                 {{"connect", "0"}, {"mixed", mixed(1, Sequence(booted.seed).next())}});
  trial.value("messages_of_a_bind", std::stod(booted.transcript.answers.at("lines_of_bind")));
  trial.value("messages_of_a_close", std::stod(booted.transcript.answers.at("lines_of_close")));
}
