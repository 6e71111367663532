// spawn_test.cc — exercise 3: processes on other cores, in the booted system (../system/programs/spawns.cc).

#include "booted.hh"

using namespace lab;
using sprat::grading::Booted;

namespace {

constexpr unsigned kDigitsInACommandLine =
    12;  // bits that are left away: ../system/programs/script.hh

// The number at the end of a way over `cores`.
std::string relayed(std::uint64_t number, const std::vector<std::uint64_t>& cores) {
  number >>= kDigitsInACommandLine;
  for (const std::uint64_t core : cores) number = mix(core, number) >> kDigitsInACommandLine;
  return std::to_string(number);
}
std::string number_of(std::string_view text) {
  std::uint64_t number = 0;
  for (const char letter : text)
    number = Sequence(number ^ static_cast<unsigned char>(letter)).next();
  return std::to_string(number);
}

}  // namespace

LAB_TEST(spawn, programs_run_on_the_cores_that_are_named_with_their_command_lines, "qemu") {
  const Booted booted = boot_system(trial, 3, {"home spawns", "relay"});
  Sequence numbers(booted.seed);
  const std::uint64_t one = numbers.next(), chain = numbers.next(), longer = numbers.next();
  expect_answers(
      trial, booted,
      {{"one", "0"},
       {"a", relayed(one, {1, 0})},
       {"text_of_a", number_of("x")},
       {"one_ended", "0"},
       {"chain", "0"},
       {"b", relayed(chain, {1, 2, 1, 0})},
       {"chain_ended", "0"},
       {"long", "0"},
       {"c", relayed(longer, {2, 0})},
       {"text_of_c", number_of("this_command_line_does_not_go_into_one_message_nor_into_two")},
       {"long_ended", "0"},
       {"no_program", "not_found"},
       {"no_core", "not_found"}});
}

LAB_TEST(spawn, process_lives_of_the_ram_of_its_core_and_leaves_nothing, "bochs") {
  const Booted booted = boot_system(trial, 2, {"home lives", "never", "ends"});
  expect_answers(trial, booted,
                 {{"first", "0"},
                  {"kill_first", "0"},
                  {"first_ended", "0"},
                  {"again", "0"},
                  {"runs", "1"},
                  {"ram_here", "0"},
                  {"ram_there", "1024"},
                  {"kill", "0"},
                  {"ended", "0"},
                  {"none_runs", "0"},
                  {"many", "40"},
                  {"none_is_left", "0"}});
}

LAB_TEST(spawn, processes_of_a_core_that_stops_have_ended, "qemu") {
  const Booted booted = boot_system(trial, 3, {"home spawns-stops", "never", "relay"});
  Sequence numbers(booted.seed);
  expect_answers(trial, booted,
                 {{"there", "0"},
                  {"stop", "0"},
                  {"ended", "0"},
                  {"stopped", "not_found"},
                  {"start", "0"},
                  {"one", "0"},
                  {"a", relayed(numbers.next(), {2, 1, 0})},
                  {"one_ended", "0"}});
}

LAB_TEST(checkpoint, spawns, "qemu-icount") {
  const Booted booted = boot_system(trial, 2, {"home spawns-counts", "answerer core=1", "never"});
  expect_answers(trial, booted, {{"first", "0"}, {"first_ended", "0"}, {"second", "0"}});
  const auto& answers = booted.transcript.answers;
  trial.value("messages_of_a_first_spawn", std::stod(answers.at("lines_of_first")));
  trial.value("messages_of_a_spawn", std::stod(answers.at("lines_of_second")));
  trial.value("messages_of_a_kill", std::stod(answers.at("lines_of_kill")));
}
