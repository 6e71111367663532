// judge_test.cc — verdicts and stillness, decided without an emulator.

#include "machine/judge.hh"

#include <criterion/criterion.h>

#include "machine/stillness.hh"

using namespace sprat::grading;

namespace {

Verdict verdict_of(Ending ending, OutputShares last_output = {}, const char* protocol = "") {
  RunResult result;
  result.ending = ending;
  result.protocol = protocol;
  judge(result, last_output);
  cr_assert(!result.explanation.empty());
  return result.verdict;
}

// Looks every 50 ms for five seconds; when it is still, in seconds, or 0.
template <typename See>
double still_after(See see) {
  StillnessWatch watch(1.5);
  for (int look = 1; look <= 100; ++look) {
    Observation now;
    now.seconds = look * 0.05;
    see(now);
    if (watch.still(now)) return now.seconds;
  }
  return 0;
}

}  // namespace

Test(judge, output_near_a_limit_tells_slow_from_hung) {
  for (Ending ending : {Ending::guest_limit, Ending::wall_ceiling}) {
    cr_assert(verdict_of(ending, {.console = 0.1, .protocol = 0.1}) == Verdict::hang_silent);
    cr_assert(verdict_of(ending, {.console = 0.9, .protocol = 0.1}) == Verdict::hang_printing);
    cr_assert(verdict_of(ending, {.console = 0.9, .protocol = 0.9}) == Verdict::limit);
  }
}

Test(judge, line_that_begins_with_panic_is_a_panic) {
  cr_assert(verdict_of(Ending::said_failed, {}, "hello\r\npanic: lost 3 pages\r\n") ==
            Verdict::panic);
  cr_assert(verdict_of(Ending::said_failed, {}, "do not panic: all is well\n") ==
            Verdict::wrong_answer);
  cr_assert(panic_message("x\npanic: lost 3 pages\r\nmore") == "lost 3 pages");
}

Test(judge, every_ending_has_its_verdict) {
  cr_assert(verdict_of(Ending::said_ok) == Verdict::ok);
  cr_assert(verdict_of(Ending::left_early) == Verdict::early_exit);
  cr_assert(verdict_of(Ending::triple_fault) == Verdict::triple_fault);
  cr_assert(verdict_of(Ending::reset) == Verdict::reboot_loop);
  cr_assert(verdict_of(Ending::halted) == Verdict::hang_silent);
  cr_assert(verdict_of(Ending::console_flood) == Verdict::flood);
  cr_assert(verdict_of(Ending::protocol_flood) == Verdict::flood);
  cr_assert(verdict_of(Ending::stopped) == Verdict::not_run);
  cr_assert(verdict_of(Ending::took_too_much) == Verdict::out_of_memory);
  cr_assert(verdict_of(Ending::emulator_broke) == Verdict::not_run);
  cr_assert(verdict_of(Ending::emulator_crashed) == Verdict::not_run);
  cr_assert(verdict_of(Ending::not_bootable) == Verdict::early_exit);
}

Test(stillness, sleeping_emulator_is_still) {
  const double when =
      still_after([](Observation& now) { now.cpu_seconds = 0.2 + now.seconds * 0.002; });
  cr_assert(when >= 1.5 && when < 3.5, "after %f", when);
}

Test(stillness, busy_emulator_is_not) {
  cr_assert_eq(still_after([](Observation& now) { now.cpu_seconds = now.seconds; }), 0);
}

Test(stillness, starved_emulator_proves_nothing) {
  cr_assert_eq(still_after([](Observation& now) { now.runnable = true; }), 0);
  cr_assert_eq(still_after([](Observation& now) { now.executed = 5, now.runnable = true; }), 0);
}

Test(stillness, emulator_that_serves_timers_of_a_guest_that_executes_nothing_is_still) {
  const double when = still_after([](Observation& now) {
    now.executed = now.seconds < 1 ? static_cast<std::uint64_t>(now.seconds * 1000) : 1000;
    now.cpu_seconds = now.seconds;
  });
  cr_assert(when >= 2.4 && when < 2.8, "after %f", when);
}

Test(stillness, guest_that_executes_little_is_not) {
  cr_assert_eq(still_after([](Observation& now) {
                 now.executed = static_cast<std::uint64_t>(now.seconds * 10) + 1;
               }),
               0);
}

Test(stillness, emulator_that_still_loads_is_not) {
  cr_assert_eq(still_after([](Observation& now) { now.executed = 0; }), 0);
}
