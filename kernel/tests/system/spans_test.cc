// spans_test.cc — processes with dispatchers on several cores: tasks run on each of them, and all dispatchers end together.

#include <criterion/criterion.h>

#include <algorithm>
#include <random>

#include "kernel/tests/system/session.hh"
#include "score/scope_report.hh"

using namespace sprat::grading;

namespace {

RunResult spanner(Emulator emulator, const std::string& typed) {
  return session({.emulator = emulator, .typed = typed, .cores = 3, .more = {"spanner", "namer"}});
}

RunResult toucher(Emulator emulator, unsigned cores, const std::string& typed) {
  return session({.emulator = emulator,
                  .typed = typed,
                  .cores = cores,
                  .more = {"toucher", "namer"},
                  .wall_seconds = 120});
}

}  // namespace

Test(spans, task_runs_on_the_core_that_is_named_and_starts_others_from_there) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::qemu_icount, Emulator::bochs})
    expect_session(
        spanner(emulator, "run spanner sum\n"),
        {"spanner: fanned out 9\r\n", "spanner: visited 1\r\n", "spanner: visited 21\r\n",
         "spanner: visited 321\r\n", "spanner: visited 21321321\r\n",
         "spanner: quota_exceeded, in_use, in_use, not_found", "Good bye."});
}

Test(spans, task_that_is_not_wanted_any_more_is_destroyed_on_its_core) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs})
    expect_session(spanner(emulator, "run spanner cancel\n"),
                   {"spanner: 40 tasks wait", "spanner: no task is left", "Good bye."});
}

Test(spans, dispatcher_that_traps_ends_its_process_on_all_cores) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs}) {
    const RunResult result = spanner(emulator, "run spanner trap\nrun 1 hello\nrun 2 hello\nps\n");
    expect_session(result, {"(spanner) was stopped: vector 6", "hello from process", "> ps\r\n",
                            "shell", "Good bye."});
    cr_expect_eq(result.console.find("spanner", result.console.find("> ps")), std::string::npos,
                 "%s", result.console.c_str());
  }
}

Test(spans, killed_process_leaves_nothing_on_any_core) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs}) {
    const std::string run = "run spanner wait &\nrun namer !spanner\n";
    const std::string settle =
        "run 1 namer *spanner\nrun 2 namer *spanner\nrun namer *spanner\nrun 1 hello\nrun 2 "
        "hello\ncensus\n";
    const RunResult result = spanner(emulator, run + "kill 2\n" + settle + run + "kill 1.4\n" +
                                                   settle + run + "kill 2.7\n" + settle);
    expect_session(result, {"Good bye."});
    const std::string before = census(result.console, 1);
    for (const int n : {2, 3})
      cr_expect(!before.empty() && before == census(result.console, n), "%s",
                result.console.c_str());
  }
}

Test(spans, process_goes_on_without_a_core_that_stops) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs})
    expect_session(spanner(emulator, "run spanner again &\nrun namer !spanner\nstop 2\nstart 2\n"),
                   {"gives peer_gone, core 1 an", "spanner: visited 321321", "Good bye."});
}

Test(spans, dispatcher_whose_home_has_stopped_ends) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs}) {
    const RunResult result =
        session({.emulator = emulator,
                 .typed = "run namer !spanner\nstop 3\nrun 1 hello\nrun 2 hello\nps\n",
                 .cores = 4,
                 .more = {"namer", "spanner", "spanner wait core=3"}});
    expect_session(result, {"> stop 3", "> ps\r\n", "shell", "Good bye."});
    cr_expect_eq(result.console.find("spanner", result.console.find("> ps")), std::string::npos,
                 "%s", result.console.c_str());
  }
}

Test(spans, another_process_is_not_taken_for_a_dispatcher) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs})
    expect_session(spanner(emulator,
                           "run spanner wait &\nrun namer !spanner\nrun spanner intrude 1 1\n"
                           "run 2 spanner intrude 1 1\nexit\n"),
                   {"spanner: intruder peer_gone", "spanner: intruder peer_gone", "Good bye."});
}

// user/span/shared_pages.hh: what each core finds, and which limits it is told of.
Test(spans, pages_are_shared_and_limited_without_a_message_to_cores_that_lack_them) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::qemu_icount, Emulator::bochs})
    expect_session(
        spanner(emulator, "run spanner share\n"),
        {"no page yet 2: not_found", "home puts, finds 0: 0\r\n", "puts, finds 1: 100\r\n",
         "puts, finds 2: 101\r\n", "home gets 0: 102\r\n", "other page 1: not_found", "limit: done",
         "limits 1: 0\r\n", "limit: done", "gets 1: 102\r\n", "touches 2: 102\r\n", "limit: done",
         "gets 2: no_rights", "home gets 0: no_rights", "limits 1: 2\r\n", "limit: done",
         "puts, finds 2: 102\r\n", "gets 1: 103\r\n", "Good bye."});
}

// Asked for by another core than 0, which does not know of itself which cores there are.
Test(spans, no_dispatcher_is_awaited_on_a_core_that_does_not_exist_or_has_stopped) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs}) {
    expect_session(session({.emulator = emulator,
                            .typed = "run 1 spanner to 2\nrun 1 hello\n",
                            .cores = 2,
                            .more = {"spanner"}}),
                   {"spanner: peer_gone", "hello from process 2 of core 1", "Good bye."});
    expect_session(
        spanner(emulator, "stop 2\nrun 1 spanner to 2\nrun 1 hello\nstart 2\nrun 2 hello\n"),
        {"spanner: peer_gone", "hello from process 2 of core 1", "hello from process 1 of core 2",
         "Good bye."});
  }
}

Test(spans, page_that_was_taken_back_cannot_be_read_any_more) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs})
    expect_session(spanner(emulator, "run spanner stale\n"),
                   {"limit: done", "(spanner) was stopped: vector 14", "Good bye."});
}

Test(spans, page_that_may_only_be_read_cannot_be_written) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs})
    expect_session(spanner(emulator, "run spanner write\n"),
                   {"limit: done", "spanner: trap 14, error 0x7", "Good bye."});
}

Test(spans, limits_meet_pages_on_their_way) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs})
    expect_session(spanner(emulator, "run spanner churn\nrun spanner churn\n"),
                   {"all limits ended", "all limits ended", "Good bye."});
}

Test(spans, page_of_a_core_that_stops_is_forgotten_and_its_limit_ends) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs})
    expect_session(
        spanner(emulator,
                "run spanner share-again &\nrun namer !spanner\nstop 2\nstart 2\n"
                "run namer !spinning\nstop 2\nrun 1 hello\n"),
        {"waits 2: peer_gone", "limit: done", "limits 1: 1\r\n", "limit: done", "limits 1: 2\r\n",
         "limits 2: 0\r\n", "limit: done", "puts, finds 2: 102\r\n", "home gets 0: 103\r\n",
         "limit: done", "limit: done", "gets 1: 103\r\n", "Good bye."});
}

// The program complains about numbers that are not as they should be.
Test(spans, touch_brings_a_page_with_two_messages_and_one_of_the_monitors) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs})
    for (const unsigned cores : {2U, 4U, 8U}) {
      const RunResult result = toucher(emulator, cores, "run toucher each\n");
      const std::string sum = std::to_string(cores - 1) + " cores have added " +
                              std::to_string(2 * (cores - 1)) + "\r\n";
      expect_session(result, {sum.c_str(), "Good bye."});
      for (const char* complaint : {"found", "not one line"})
        cr_expect_eq(result.console.find(complaint), std::string::npos, "%s",
                     result.console.c_str());
    }
}

// Each page has the value at the end that the order of all touches says, and all messages that came meanwhile are handled.
Test(spans, touched_pages_keep_their_values_beside_limits_of_the_home) {
  const std::uint64_t seed = from_environment("SEED", std::random_device()() % 1'000'000);
  cr_log_info("SEED=%lu", seed);
  for (const unsigned cores : {2U, 4U, 8U})
    expect_session(
        toucher(Emulator::qemu, cores, "run toucher beside " + std::to_string(seed) + "\n"),
        {"toucher: seed", "toucher: all values are right", "Good bye."});
  for (const unsigned cores : {2U, 4U})
    expect_session(
        toucher(Emulator::bochs, cores, "run toucher beside " + std::to_string(seed) + "\n"),
        {"toucher: seed", "toucher: all values are right", "Good bye."});
}

Test(spans, task_that_touches_a_page_is_not_interrupted_by_another_task) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::qemu_icount, Emulator::bochs})
    expect_session(toucher(emulator, 2, "run toucher tasks\n"),
                   {"toucher: 96 touches, each in one piece", "Good bye."});
}

Test(spans, task_that_touches_a_page_keeps_its_registers) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs})
    expect_session(toucher(emulator, 2, "run toucher registers\n"),
                   {"toucher: registers 16383, carry 1, product 4", "Good bye."});
}

Test(spans, store_brings_a_page_that_may_be_written_again) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs})
    expect_session(toucher(emulator, 3, "run toucher more\n"),
                   {"reads 1: done", "reads 1: done", "reads 2: done", "writes 1: done",
                    "writes 2: done", "reads 1: done", "reads 0: done", "Good bye."});
}

Test(spans, touch_of_a_page_that_cannot_come_ends_the_process_on_all_cores) {
  const std::pair<const char*, const char*> kinds[] = {{"none", "no shared page 9: no_rights"},
                                                       {"write", "no shared page 9: no_rights"},
                                                       {"unmade", "no shared page 10: not_found"},
                                                       {"heap", ""}};
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs})
    for (const auto& [kind, reason] : kinds) {
      const RunResult result = toucher(
          emulator, 3, "run toucher " + std::string(kind) + "\nrun 1 hello\nrun 2 hello\nps\n");
      expect_session(result, {reason, "toucher: trap 14, error", "hello from process",
                              "hello from process", "> ps\r\n", "Good bye."});
      cr_expect_eq(result.console.find("toucher", result.console.find("> ps")), std::string::npos,
                   "%s", result.console.c_str());
    }
}

// The home is on core 2, and computes for ever.
Test(spans, process_that_waits_for_a_touched_page_sleeps_and_ends_with_its_home) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs}) {
    const RunResult result =
        session({.emulator = emulator,
                 .typed = "run namer !slow\nrun 1 hello\nps\nstop 2\nrun 1 hello\nps\n",
                 .cores = 3,
                 .more = {"namer", "toucher", "toucher slow core=2"}});
    expect_session(result,
                   {"hello from process", "toucher           waiting", "toucher           runnable",
                    "> stop 2", "hello from process", "> ps\r\n", "Good bye."});
    cr_expect_eq(result.console.find("toucher", result.console.rfind("> ps")), std::string::npos,
                 "%s", result.console.c_str());
  }
}

namespace {

// A row of user/bench-span: the number after `key`.
std::uint64_t number_after(const std::string& row, const std::string& key) {
  const std::size_t place = row.find(key);
  return place == std::string::npos ? 0 : std::stoull(row.substr(place + key.size()));
}

}  // namespace

// Instructions of all cores together, when the other cores poll; mprotect of Linux 6.1 in the same emulator.
Test(spans, limit_takes_two_messages_a_core_and_fewer_instructions_than_in_linux) {
  const RunResult result = session({.emulator = Emulator::qemu_icount,
                                    .typed = "run span-bench\n",
                                    .cores = 8,
                                    .more = {"span-bench"}});
  expect_session(result, {"row what=unmap others=poll messages=0", "Good bye."});
  const std::pair<std::uint64_t, std::uint64_t> linux[] = {
      {1, 2'965}, {2, 3'785}, {4, 4'862}, {8, 6'989}};
  std::size_t rows = 0;
  for (std::size_t begin = 0;
       (begin = result.console.find("row what=", begin)) != std::string::npos; ++begin) {
    const std::string row = result.console.substr(begin, result.console.find('\r', begin) - begin);
    const auto cores = static_cast<std::uint64_t>(std::ranges::count(row, ',')) + 1;
    ++rows;
    cr_expect_eq(number_after(row, "messages="), 2 * (cores - 1), "%s", row.c_str());
    for (const auto& [cores_of_linux, most] : linux)
      if (cores == cores_of_linux && row.find("others=poll") != std::string::npos)
        cr_expect_lt(number_after(row, "ticks="), most, "%s", row.c_str());
  }
  cr_expect_eq(rows, 2 * 2 * 8);
}

Test(spans, picture_is_computed_by_all_cores) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs})
    expect_session(
        session({.emulator = emulator, .typed = "run picture\n", .cores = 3, .more = {"picture"}}),
        {"::::=--::---:::::-#*@@@", "1 core: ", "2 cores: ", "3 cores: ", "Good bye."});
}
