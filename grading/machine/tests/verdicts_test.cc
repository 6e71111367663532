// verdicts_test.cc — every way a guest can end, on every emulator.

#include <criterion/criterion.h>

#include "machine/machine.hh"
#include "machine/transcript.hh"
#include "places.hh"

using namespace sprat::grading;

namespace {

void expect(Emulator emulator, const char* action, Verdict verdict) {
  const RunResult result = Machine(places::asked_to(emulator, action)).run();
  cr_assert(result.verdict == verdict, "%s: %s instead of %s: %s\nconsole: %.300s\nlog: %.2000s",
            action, name_of(result.verdict).data(), name_of(verdict).data(),
            result.explanation.c_str(), result.console.c_str(), result.emulator_log.c_str());
  cr_assert(result.console.starts_with("guest\r\n"), "the console begins with: %.40s",
            result.console.c_str());
  cr_assert(!result.explanation.empty());
}

void expect_evidence(Emulator emulator, const char* action, Verdict verdict) {
  const RunResult run = Machine(places::asked_to(emulator, action)).run();
  const Judgement judgement =
      judge_evidence(run, parse_transcript(run.protocol, places::kNonce, "unit.answers"));
  cr_assert(judgement.verdict == verdict, "%s: %s instead of %s: %s\nprotocol: %.300s", action,
            name_of(judgement.verdict).data(), name_of(verdict).data(),
            judgement.explanation.c_str(), run.protocol.c_str());
}

}  // namespace

#define ON_EVERY_EMULATOR(EXPECT, NAME, ACTION, VERDICT)                                   \
  Test(verdicts_qemu, NAME) { EXPECT(Emulator::qemu, ACTION, Verdict::VERDICT); }          \
  Test(verdicts_icount, NAME) { EXPECT(Emulator::qemu_icount, ACTION, Verdict::VERDICT); } \
  Test(verdicts_bochs, NAME) { EXPECT(Emulator::bochs, ACTION, Verdict::VERDICT); }

ON_EVERY_EMULATOR(expect, ends_well, "ok", ok)
ON_EVERY_EMULATOR(expect, says_it_failed, "failed", wrong_answer)
ON_EVERY_EMULATOR(expect, panics, "panic", panic)
ON_EVERY_EMULATOR(expect, triple_faults, "triple_fault", triple_fault)
ON_EVERY_EMULATOR(expect, resets_the_machine, "reset", reboot_loop)
ON_EVERY_EMULATOR(expect, halts_without_a_word, "halt_silent", hang_silent)
ON_EVERY_EMULATOR(expect, spins_without_a_word, "spin", hang_silent)
ON_EVERY_EMULATOR(expect, spins_printing, "spin_printing", hang_printing)
ON_EVERY_EMULATOR(expect, spins_answering, "spin_answering", limit)
ON_EVERY_EMULATOR(expect, leaves_with_success_but_without_a_word, "early_exit", early_exit)
ON_EVERY_EMULATOR(expect, says_ok_and_stays, "say_and_stay", ok)
ON_EVERY_EMULATOR(expect_evidence, answers, "evidence", ok)

// Evidence is read alike from every emulator.
Test(verdicts_icount, answers_with_a_foreign_nonce) {
  expect_evidence(Emulator::qemu_icount, "forged", Verdict::forged);
}
Test(verdicts_icount, answers_twice_differently) {
  expect_evidence(Emulator::qemu_icount, "twice", Verdict::forged);
}
Test(verdicts_icount, says_ok_without_a_test) {
  expect_evidence(Emulator::qemu_icount, "ok", Verdict::early_exit);
}
Test(verdicts_icount, leaves_with_the_status_of_qemus_own_failure) {
  expect(Emulator::qemu_icount, "exit_status_one", Verdict::early_exit);
}
Test(verdicts_icount, leaves_with_the_status_of_a_reached_limit) {
  expect(Emulator::qemu_icount, "exit_status_limit", Verdict::early_exit);
}

// A flood is one of wall time as well; with these limits it comes first.
#define FLOODS(SUITE, EMULATOR)                                                    \
  Test(SUITE, floods_the_console) {                                                \
    MachineConfig config = places::asked_to(EMULATOR, "flood_console");            \
    config.console_limit = 20'000;                                                 \
    const RunResult result = Machine(config).run();                                \
    cr_assert(result.verdict == Verdict::flood, "%s", result.explanation.c_str()); \
    cr_assert_eq(result.console.size(), config.console_limit);                     \
  }                                                                                \
  Test(SUITE, floods_the_protocol_channel) {                                       \
    MachineConfig config = places::asked_to(EMULATOR, "flood_protocol");           \
    config.protocol_limit = 20'000;                                                \
    const RunResult result = Machine(config).run();                                \
    cr_assert(result.verdict == Verdict::flood, "%s", result.explanation.c_str()); \
  }
FLOODS(verdicts_qemu, Emulator::qemu)
FLOODS(verdicts_icount, Emulator::qemu_icount)
FLOODS(verdicts_bochs, Emulator::bochs)
