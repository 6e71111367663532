// cores_test.cc — cores that are stopped, fall silent, and start again; and programs that run on any core.

#include <criterion/criterion.h>

#include <cstdlib>
#include <random>

#include "kernel/tests/system/session.hh"
#include "score/scope_report.hh"

using namespace sprat::grading;

namespace {

// Cores 1 to 3 are stopped, so often, at moments that `seed` chooses, while processes of all cores exchange frames, lend RAM, publish
// names and compute; and started again.
RunResult session_with_random_stops(Emulator emulator, std::uint64_t stops, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto next = [&](unsigned below) { return std::to_string(random() % below); };
  std::string typed;
  for (std::uint64_t stop = 0; stop < stops; ++stop) {
    const std::string core = std::to_string(1 + random() % 3);
    typed += "run " + core + " courier " + next(4) + " trade " + next(1000) + " &\n";
    typed += "run " + core + " namer +a -a +b stay &\n";
    typed += "run " + core + " lender " + next(4) + " trade " + next(1000) + " &\n";
    if (random() % 2 == 0) typed += "run lender " + core + " trade " + next(1000) + " &\n";
    if (random() % 2 == 0) typed += "run spanner wait &\n";
    if (random() % 2 == 0) typed += "run courier " + core + " trade " + next(1000) + " &\n";
    typed += "run counter " + next(3) + "\nstop " + core + "\n";
    typed += "run counter " + next(3) + "\nstart " + core + "\n";
    typed += "run " + core + " hello " + std::to_string(stop) + "\n";
  }
  return session({.emulator = emulator,
                  .typed = typed + "exit\n",
                  .cores = 4,
                  .more = {"courier", "namer", "spanner", "lender", "courier serve core=1",
                           "courier serve core=2", "courier serve core=3", "lender serve core=1",
                           "lender serve core=2", "lender serve core=3"},
                  .wall_seconds = 60 + 2 * static_cast<double>(stops)});
}

// The monitor of ../../../user/tests/silent-monitor.
RunResult session_with_silent_monitors(Emulator emulator, const std::string& typed) {
  Session silent{
      .emulator = emulator, .typed = typed, .cores = 4, .more = {"silencer", "talk core=1"}};
  return session(silent, [](MachineConfig& config) {
    config.modules.front() = {build_folder() / "user/silent-monitor", "monitor"};
    config.silence_seconds = 5;  // a core is found to be silent before that
  });
}

}  // namespace

Test(cores, stop_and_start_again_with_their_programs) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::qemu_icount, Emulator::bochs})
    expect_session(session({.emulator = emulator,
                            .typed = "run talk 3 one\nstop 3\ncores\nrun talk 3 two\nstart 3\n"
                                     "cores\nrun talk 3 three\nstop 3\nstart 3\nrun talk 3 four\n",
                            .cores = 4,
                            .more = {"talk core=3"}}),
                   {"core 3 says: one", "view 5: 0 1 2\r\n", "   3     3  absent",
                    "talk: not_found", "view 6: 0 1 2 3\r\n", "   3     3  running",
                    "core 3 says: three", "core 3 says: four", "Good bye."});
}

Test(cores, run_programs_that_another_core_asks_for) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs})
    expect_session(
        session({.emulator = emulator,
                 .typed = "run 2 hello one two\nrun 1 counter 1000000 &\nps\nkill 1.1\nps\n"
                          "run 2 nothing\nrun 9 hello\nkill 2.77\nkill 9.1\nstop 0\nstop 9\n",
                 .cores = 3}),
        {"hello from process 1 of core 2: one two", "  1.1   counter", "> kill 1.1", "> ps",
         "> run 2 nothing", "no such program was booted along", "> run 9 hello",
         "> kill 2.77\r\nshell: kill: not_found", "> kill 9.1\r\nshell: kill: not_found",
         "shell: stop: in_use", "shell: stop: not_found", "Good bye."});
}

// STOPS says how often, STOPS_SEED begins otherwise than at a fresh seed.
Test(cores, stopped_at_random_moments_start_again_and_run_programs) {
  const std::uint64_t stops = from_environment("STOPS", 4);
  const std::uint64_t seed = from_environment("STOPS_SEED", std::random_device{}() % 1'000'000);
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs}) {
    const RunResult result = session_with_random_stops(emulator, stops, seed);
    expect_session(result, {"Good bye."});
    for (std::uint64_t stop = 0; stop < stops; ++stop)
      cr_expect(result.console.find(": " + std::to_string(stop) + "\r\n") != std::string::npos,
                "STOPS_SEED=%lu: no program after stop %lu:\n%s", seed, stop,
                result.console.c_str());
    for (const char* text : {"does not answer", "panic"})
      cr_expect(result.console.find(text) == std::string::npos, "STOPS_SEED=%lu: %s:\n%s", seed,
                text, result.console.c_str());
  }
}

// More than there are records, and some end before their parent asks for them.
Test(cores, run_any_number_of_programs_for_another_core) {
  std::string typed;
  for (unsigned i = 0; i < 70; ++i) typed += "run 1 hello " + std::to_string(i) + "\n";
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs})
    expect_session(session({.emulator = emulator, .typed = typed, .cores = 2}),
                   {"of core 1: 0\r\n", "of core 1: 68\r\n", "of core 1: 69\r\n", "Good bye."});
}

Test(cores, that_fall_silent_are_stopped_and_can_be_started) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs}) {
    for (const std::string how : {"spin", "end"}) {
      const RunResult result = session_with_silent_monitors(
          emulator, "run 2 silencer " + how + "\nstart 2\nrun 2 hello\nrun talk 1 hi\n");
      expect_session(result,
                     {"monitor of core 2: falls silent", ": core 2 does not answer", "> start 2",
                      "hello from process 1 of core 2", "core 1 says: hi", "Good bye."});
    }
  }
}

// As many as have room in its RAM.
Test(cores, full_of_processes_that_compute_are_not_taken_for_silent) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs}) {
    const RunResult result =
        session({.emulator = emulator,
                 .typed = "run counter 1\ncensus\ncensus\ncensus\ncensus\ncores\nexit\n",
                 .cores = 2,
                 .more = {"bandit burn core=1", "bandit burn core=1"}},
                [](MachineConfig& config) { config.memory_mib = 128; });
    expect_session(result,
                   {"   1         29           29", "> cores\r\nview 2: 0 1\r\n", "Good bye."});
    cr_expect(result.console.find("does not answer") == std::string::npos);
  }
}

Test(cores, whose_driver_panics_leave_the_others_alone) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs})
    expect_session(
        session_with_silent_monitors(emulator,
                                     "run 2 hello\nstart 3\nstart 3\ncores\nrun 3 hello\n"),
        {"panic: core 3: file 0 is not inside of its package", "hello from process 1 of core 2",
         "monitor of core 0: core 3 does not answer", "shell: start: peer_gone", "> cores",
         "   3     3  running", "hello from process 1 of core 3", "Good bye."});
}

// A monitor has the next turn, or the one behind it if its doorbell is held back until then. Where time is counted in instructions,
// the emulator's processors take turns as well: core 0 may have to wait for one of core 1.
Test(cores, monitor_answers_before_processes_that_compute) {
  constexpr unsigned kProcesses = 8, kQuestions = 10;
  for (const Emulator emulator : {Emulator::qemu_icount, Emulator::bochs}) {
    MachineConfig config = machine_of({.emulator = emulator, .cores = 2});
    config.memory_mib = 256;
    config.instruction_time_bits = emulator == Emulator::qemu_icount ? 8 : 0;
    config.modules = {{build_folder() / "user/few-slots", "monitor"},
                      {build_folder() / "user/rounds", "rounds 1 " + std::to_string(kQuestions)}};
    for (unsigned i = 0; i < kProcesses; ++i)
      config.modules.push_back({build_folder() / "user/compute", "compute core=1"});
    const RunResult result = Machine(config).run();
    expect_session(result, {" questions: ok"});
    const std::size_t at = result.console.find("rounds: ");
    const unsigned long turns = std::strtoul(result.console.c_str() + at + 8, nullptr, 10);
    cr_expect_leq(turns, 4 * kQuestions, "%lu turns for %u questions", turns, kQuestions);
    cr_log_info("%lu turns for %u questions", turns, kQuestions);
  }
}

// user/tests/programs/asker.cc
Test(cores, questions_of_processes_that_end_leave_nothing_behind) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::qemu_icount, Emulator::bochs}) {
    MachineConfig config = machine_of({.emulator = emulator, .cores = 2});
    config.modules = {{build_folder() / "user/few-slots", "monitor"},
                      {build_folder() / "user/asker", "asker 1"}};
    expect_session(Machine(config).run(), {"asker: leaves a question", "asker: leaves a question",
                                           "asker: all came back"});
  }
}

// A monitor that spins is found out after the patience of core 0's. Meanwhile the asking core halts.
Test(cores, core_sleeps_until_another_core_answers) {
  const auto instructions = [](const std::string& typed, std::initializer_list<const char*> texts) {
    Session silent{.emulator = Emulator::qemu_icount,
                   .typed = typed,
                   .cores = 3,
                   .more = {"silencer"},
                   .watched = true};
    const RunResult result = session(silent, [](MachineConfig& config) {
      config.modules.front() = {build_folder() / "user/silent-monitor", "monitor"};
      config.instruction_time_bits = 8;
    });
    expect_session(result, texts);
    const auto report = parse_scope_report(result.scope);
    cr_assert(report.has_value());
    return report->vcpus[0].counts.at("instructions");
  };
  const auto none = instructions("run 2 hello\ncores\n", {"of core 2\r\n", "view 3: 0 1 2\r\n"});
  const auto one = instructions("run 2 silencer spin &\nkill 2.1\ncores\n",
                                {"falls silent", "shell: kill: peer_gone", "view 4: 0 1\r\n"});
  cr_expect_lt(one - none, 400'000, "%lu instructions", one - none);
}
