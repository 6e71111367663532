// upcalls_test.cc — exercise 6: dispatchers that are preempted, enabled and disabled, and go on.

#include "lab/probe.hh"
#include "registers.hh"

using namespace sprat::grading;
using lab::all_sixteen, lab::expect_answers, lab::probe, lab::random_registers, lab::RegisterValues,
    lab::Sequence, lab::sixteen;

namespace {

// What an upcall without a message begins with: rdi, and nothing else.
std::string registers_of_upcall(unsigned worker = 0) {
  RegisterValues values{};
  values[lab::rdi] = 0x20000000 + 4096 * worker;
  return all_sixteen(values);
}

// Registers that the code which stood still had: its comparison with 0 is what the flags are of.
void expect_undisturbed(Trial& trial, const Booted& booted) {
  Sequence sequence(booted.seed);
  const RegisterValues values = random_registers(sequence);
  const std::string stack = sixteen(sequence.next() >> 17);
  const std::string registers = all_sixteen(values);
  const std::string came = booted.transcript.answers.at("registers");
  trial.expect_equal("registers", registers.substr(0, registers.rfind(' ')),
                     came.substr(0, came.rfind(' ')));
  expect_answers(trial, booted, {{"stack", stack}, {"upcalls", "1"}, {"all_upcalls", "1"}});
}

}  // namespace

LAB_TEST(upcalls, a_dispatcher_begins_with_nothing_but_its_frame, "qemu-icount") {
  const Booted booted = trial.boot(probe("first_upcall"));
  expect_answers(trial, booted,
                 {{"registers", registers_of_upcall()},
                  {"stack", sixteen(0)},
                  {"flags", sixteen(0x202)},
                  {"frame", "1 0"},
                  {"fpu", sixteen(0x37f) + " " + sixteen(0x1f80)},
                  {"sse", "0"}});
}

LAB_TEST(upcalls, enabled_code_comes_back_by_the_upcall_run, "qemu-icount") {
  const Booted booted = trial.boot(probe("preempted_enabled", lab::kShortTurns));
  Sequence sequence(booted.seed);
  const std::string registers = all_sixteen(random_registers(sequence));
  expect_answers(trial, booted,
                 {{"enabled", registers},
                  {"stack", sixteen(sequence.next() >> 17)},
                  {"rip", sixteen(0)},
                  {"was_interrupted", "1"},
                  {"upcall", registers_of_upcall()},
                  {"upcall_stack", sixteen(0)},
                  {"disabled", "1"}});
}

LAB_TEST(upcalls, disabled_code_goes_on_in_place, "qemu-icount") {
  expect_undisturbed(trial, trial.boot(probe("preempted_disabled", lab::kShortTurns)));
}

LAB_TEST(upcalls, the_critical_region_counts_as_disabled, "qemu-icount") {
  expect_undisturbed(trial, trial.boot(probe("preempted_in_critical_region", lab::kShortTurns)));
}

LAB_TEST(upcalls, registers_survive_hundreds_of_preemptions_in_the_entry_code, "qemu-icount") {
  const Booted booted = trial.boot(probe("switches", lab::kShortTurns));
  Sequence sequence(booted.seed);
  for (unsigned worker = 0; worker < 3; ++worker) {
    RegisterValues values = random_registers(sequence);
    std::uint64_t stack = sequence.next() >> 17;
    const std::uint64_t turns = 30'000 + sequence.next() % 4096;
    for (unsigned i = 0; i < 15; ++i) values[i] += turns * (0x101 + i * 0x102);
    stack += turns * 0x101f;
    values[lab::flags] = 0;
    const std::string number = std::to_string(worker);
    expect_answers(trial, booted,
                   {{"worker" + number, all_sixteen(values)}, {"stack" + number, sixteen(stack)}});
  }
}

LAB_TEST(upcalls, each_has_its_own_x87_and_sse_registers, "qemu-icount") {
  const Booted booted = trial.boot(probe("fpu", lab::kShortTurns));
  Sequence sequence(booted.seed);
  std::uint64_t number = 0;
  for (unsigned worker = 0; worker < 3; ++worker) {
    std::vector<std::uint64_t> words;
    for (unsigned word = 0; word < 31; ++word) words.push_back(sequence.next());
    words.push_back(0x1f80 | (sequence.next() & 3) << 13);
    for (const std::uint64_t word : words)
      expect_answers(trial, booted, {{std::to_string(number++), "word " + sixteen(word)}});
  }
}
