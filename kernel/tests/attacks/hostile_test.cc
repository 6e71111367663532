// hostile_test.cc — processes that attack the kernel, by name (../hostile/attacks/) and at random (../hostile/fuzz.cc).
//
// FUZZ_STEPS says how many steps a fuzzer makes on each core, FUZZ_SEED begins them otherwise than at a fresh seed.

#include <criterion/criterion.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <random>

#include "machine/machine.hh"

using namespace sprat::grading;

namespace {

RunResult judge(Emulator emulator, unsigned cpus, const std::string& words, double seconds = 120) {
  const auto build = std::filesystem::canonical("/proc/self/exe").parent_path().parent_path();
  MachineConfig config;
  config.emulator = emulator;
  config.kernel = build / "kernel/sprat.elf";
  config.command_line = "log=quiet";
  config.modules = {{build / "user/hostile", "monitor " + words}};
  config.cpus = cpus;
  config.memory_mib = 128;
  config.wall_seconds = seconds;
  return Machine(config).run();
}

std::size_t occurrences(const std::string& text, const std::string& of) {
  std::size_t count = 0;
  for (std::size_t at = text.find(of); at != std::string::npos; at = text.find(of, at + 1)) ++count;
  return count;
}

// The judges of all cores found everything fended off. The end of the run says so, which no attacker can bring about; the
// console does not, for a fuzzer may print anything: it is the same program, and jumps to the code that prints findings.
void expect_well(const RunResult& result, const std::string& words) {
  std::string console = result.console;
  std::replace(console.begin(), console.end(), '\0', '?');
  cr_expect(result.ending == Ending::said_ok, "%s: %s\n%s", words.c_str(),
            result.explanation.c_str(), console.c_str());
}

// The named attacks, each once.
void expect_attacks(const RunResult& result, const std::string& words, std::size_t attacks = 44) {
  expect_well(result, words);
  cr_expect_eq(occurrences(result.console, ": fended off"), attacks, "%s:\n%s", words.c_str(),
               result.console.c_str());
}

// The attacks that need memory of another core, which rewrites it while the kernel reads it.
void expect_attacks_with_other_core(Emulator emulator, unsigned rounds) {
  const std::string words = "with=other-core rounds=" + std::to_string(rounds);
  expect_attacks(judge(emulator, 2, words), words, 18);
}

// Fuzzers on all cores at once; or, `with` another core that rewrites memory which the kernel reads, on core 0 alone.
void fuzz(Emulator emulator, unsigned cpus, std::uint64_t usual_steps, const char* with = "") {
  const char* const steps = std::getenv("FUZZ_STEPS");
  const char* const seed = std::getenv("FUZZ_SEED");
  // Bochs would make a day of the many, and more cores than the computer has would only take turns.
  const bool many = steps != nullptr && emulator != Emulator::bochs;
  if (many) cpus = std::min(cpus, 2u);
  const std::uint64_t count = many ? std::strtoull(steps, nullptr, 10) : usual_steps;
  const std::string words =
      "fuzz=" + std::to_string(count) +
      " seed=" + (seed != nullptr ? seed : std::to_string(std::random_device{}())) + with;
  const double seconds = 120 + static_cast<double>(count) * cpus / 500;
  expect_well(judge(emulator, cpus, words, seconds), words);
}

}  // namespace

Test(hostile, attacks_by_name_are_fended_off_on_qemu) {
  expect_attacks(judge(Emulator::qemu, 1, ""), "named attacks");
}

Test(hostile, attacks_by_name_are_fended_off_when_time_is_counted_in_instructions) {
  expect_attacks(judge(Emulator::qemu_icount, 1, ""), "named attacks");
}

Test(hostile, attacks_by_name_are_fended_off_on_bochs) {
  expect_attacks(judge(Emulator::bochs, 1, ""), "named attacks");
}

Test(hostile, attacks_with_another_cores_memory_are_fended_off_on_qemu) {
  expect_attacks_with_other_core(Emulator::qemu, 20'000);
}

Test(hostile, attacks_with_another_cores_memory_are_fended_off_on_bochs) {
  expect_attacks_with_other_core(Emulator::bochs, 2'000);
}

Test(hostile, fuzzers_on_all_cores_do_no_harm_on_qemu) { fuzz(Emulator::qemu, 4, 20'000); }

Test(hostile, fuzzers_do_no_harm_when_time_is_counted_in_instructions) {
  fuzz(Emulator::qemu_icount, 2, 10'000);
}

Test(hostile, fuzzers_beside_a_core_that_rewrites_their_memory_do_no_harm) {
  fuzz(Emulator::qemu, 2, 20'000, " with=other-core");
}

Test(hostile, fuzzers_beside_a_core_that_rewrites_their_memory_do_no_harm_on_bochs) {
  fuzz(Emulator::bochs, 2, 1'000, " with=other-core");
}
