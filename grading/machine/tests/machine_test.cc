// machine_test.cc — a machine's promises beside a verdict: determinism, several at once, stopping,
// leaving no trace.

#include "machine/machine.hh"

#include <criterion/criterion.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <set>
#include <thread>

#include "machine/run_directory.hh"
#include "places.hh"

using namespace sprat::grading;
namespace fs = std::filesystem;

namespace {

// All descendants of a process.
void add_descendants(pid_t process, std::set<pid_t>& all) {
  const std::string number = std::to_string(process);
  std::ifstream children("/proc/" + number + "/task/" + number + "/children");
  for (pid_t child = 0; children >> child;) {
    all.insert(child);
    add_descendants(child, all);
  }
}

// A zombie has no program any more.
bool runs(pid_t process) {
  std::error_code error;
  static_cast<void>(fs::read_symlink("/proc/" + std::to_string(process) + "/exe", error));
  return !error;
}

bool is_emulator(pid_t process) {
  std::ifstream file("/proc/" + std::to_string(process) + "/comm");
  std::string name;
  std::getline(file, name);
  return name.starts_with("qemu-system") || name.starts_with("bochs");
}

template <typename Condition>
bool comes_true(Condition condition) {
  for (int tries = 0; tries != 1000; ++tries) {
    if (condition()) return true;
    usleep(20'000);
  }
  return false;
}

// Starts a machine in a child process, ends that by a signal while its guest spins, and checks that nothing is left.
void expect_no_trace_after(int signal, Emulator emulator) {
  RunDirectory watched;
  const pid_t child = fork();
  if (child == 0) {
    std::signal(signal, SIG_DFL);  // a shell lets its background jobs ignore SIGINT
    setenv("TMPDIR", watched.path().c_str(), 1);
    MachineConfig config = places::asked_to(emulator, "spin");
    config.guest_limit = 0;
    config.wall_seconds = 1000;
    Machine(config).run();
    _exit(0);
  }
  std::set<pid_t> started;
  const bool began = comes_true([&] {
    started.clear();
    add_descendants(child, started);
    return std::any_of(started.begin(), started.end(), is_emulator);
  });
  kill(child, began ? signal : SIGKILL);
  waitpid(child, nullptr, 0);
  cr_assert(began, "the emulator does not start");
  cr_assert(comes_true([&] { return std::none_of(started.begin(), started.end(), runs); }),
            "a process is left");
  cr_assert(comes_true([&] { return fs::is_empty(watched.path()); }), "a folder is left");
}

void expect_company(Emulator emulator) {
  RunResult results[4];
  std::thread runs[4];
  for (int i = 0; i != 4; ++i) {
    runs[i] = std::thread([&, i] { results[i] = Machine(places::asked_to(emulator, "ok")).run(); });
  }
  for (std::thread& run : runs) run.join();
  for (const RunResult& result : results)
    cr_assert(result.verdict == Verdict::ok, "%s", result.explanation.c_str());
}

}  // namespace

Test(machine, icount_runs_are_alike) {
  // Ended by its limit: a guest that powers the machine off executes some instructions more from QEMU 9 on.
  const RunResult first = Machine(places::asked_to(Emulator::qemu_icount, "spin_answering")).run();
  const RunResult second = Machine(places::asked_to(Emulator::qemu_icount, "spin_answering")).run();
  cr_assert(first.instructions && *first.instructions > 1000);
  cr_assert_eq(*first.instructions, *second.instructions);
  cr_assert(!first.scope.empty() && first.scope == second.scope);
  cr_assert(first.protocol == second.protocol);
}

Test(machine, bochs_runs_are_alike) {
  const RunResult first = Machine(places::asked_to(Emulator::bochs, "evidence")).run();
  const RunResult second = Machine(places::asked_to(Emulator::bochs, "evidence")).run();
  cr_assert(first.ticks && *first.ticks > 1000);
  cr_assert_eq(*first.ticks, *second.ticks);
}

// Firmware and loader were most of the time of a test on Bochs.
Test(machine, guest_begins_on_bochs_within_3_million_ticks) {
  const RunResult result = Machine(places::asked_to(Emulator::bochs, "ok")).run();
  cr_assert(result.verdict == Verdict::ok, "%s", result.explanation.c_str());
  cr_assert_lt(result.ticks.value_or(~0ULL), 3'000'000U, "%llu ticks",
               static_cast<unsigned long long>(result.ticks.value_or(0)));
}

Test(machine, guest_time_limit_works_on_bochs_with_one_processor) {
  MachineConfig config = places::asked_to(Emulator::bochs, "spin");
  config.cpus = 1;
  const RunResult result = Machine(config).run();
  cr_assert(result.ending == Ending::guest_limit && result.ticks >= config.guest_limit, "%s",
            result.explanation.c_str());
}

Test(machine, guest_time_limit_is_kept_to_the_instruction) {
  const MachineConfig config = places::asked_to(Emulator::qemu_icount, "spin");
  const RunResult result = Machine(config).run();
  cr_assert(result.ending == Ending::guest_limit && result.instructions >= config.guest_limit, "%s",
            result.explanation.c_str());
}

Test(machine, four_qemus_run_side_by_side) { expect_company(Emulator::qemu); }
Test(machine, four_icounts_run_side_by_side) { expect_company(Emulator::qemu_icount); }
Test(machine, four_bochses_run_side_by_side) { expect_company(Emulator::bochs); }

Test(machine, nothing_is_left_after_interrupt_qemu) {
  expect_no_trace_after(SIGINT, Emulator::qemu);
}
Test(machine, nothing_is_left_after_kill_qemu) { expect_no_trace_after(SIGKILL, Emulator::qemu); }
Test(machine, nothing_is_left_after_kill_bochs) { expect_no_trace_after(SIGKILL, Emulator::bochs); }

Test(machine, guest_sees_the_same_lines_on_qemu_and_bochs) {
  auto console_on = [](Emulator emulator) {
    MachineConfig config = places::asked_to(emulator, "modules");
    config.modules = {{places::guest(), "first a=1,b=2 c"}, {places::guest(), "second"}};
    return Machine(config).run().console;
  };
  const std::string expected =
      "guest\r\nline guest.elf do=modules nonce=00112233445566ff\r\nmodule first a=1,b=2 "
      "c\r\nmodule second\r\n";
  const std::string on_qemu = console_on(Emulator::qemu);
  const std::string on_bochs = console_on(Emulator::bochs);
  cr_assert(on_qemu == expected, "%s", on_qemu.c_str());
  cr_assert(on_bochs == expected, "%s", on_bochs.c_str());
}

Test(machine, stops_at_a_line_and_shows_registers_and_memory) {
  Machine machine(places::asked_to(Emulator::qemu_icount, "stop_point"));
  const auto over = machine.run_until(std::string("@") + places::kNonce + " answer ready ");
  cr_assert(!over, "the run was over before: %s", over ? over->explanation.c_str() : "");
  const std::vector<Registers> registers = machine.registers();
  cr_assert_eq(registers.size(), 2u);
  cr_assert_eq(registers[0].cr0 & 1, 1u, "cpu 0 is in protected mode");
  cr_assert(registers[0].rip >= 0x100000 && registers[0].rip < 0x110000, "cpu 0 is in the guest");

  const std::string line = machine.abandon().protocol;
  cr_assert_neq(line.find("answer ready "), std::string::npos);
}

Test(machine, memory_of_a_stopped_machine_holds_the_guests_words) {
  const std::string prefix = std::string("@") + places::kNonce + " answer ready ";
  // The guest says where its landmark is; it is at the same place in every run.
  Machine scout(places::asked_to(Emulator::qemu, "stop_point"));
  cr_assert(!scout.run_until(prefix));
  const std::uint64_t landmark =
      std::stoull(scout.abandon().protocol.substr(prefix.size()), nullptr, 16);

  Machine machine(places::asked_to(Emulator::qemu, "stop_point"));
  cr_assert(!machine.run_until(prefix));
  const std::vector<std::uint8_t> expected = {0x1e, 0xab, 0xa1, 0x5c, 0xed, 0xa5, 0xce, 0xde};
  cr_assert(machine.memory(landmark, expected.size()) == expected);
}

Test(machine, run_until_a_line_that_never_comes_is_a_whole_run) {
  Machine machine(places::asked_to(Emulator::qemu, "ok"));
  const auto over = machine.run_until("@never");
  cr_assert(over && over->verdict == Verdict::ok);
}

Test(machine, registers_of_a_machine_that_is_not_stopped_are_refused) {
  Machine machine(places::asked_to(Emulator::qemu, "ok"));
  cr_assert_throw(machine.registers(), MachineError);
}

Test(machine, emulators_run_behind_every_wall) {
  for (Wall wall : places::walls()) {
    for (Emulator emulator : {Emulator::qemu_icount, Emulator::bochs}) {
      MachineConfig config = places::asked_to(emulator, "ok");
      config.wall = wall;
      const RunResult result = Machine(config).run();
      cr_expect(result.verdict == Verdict::ok, "%s: %s\n%s", name_of(wall.kind()).data(),
                result.explanation.c_str(), result.emulator_log.c_str());
    }
  }
}
