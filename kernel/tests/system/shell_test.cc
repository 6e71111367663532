// shell_test.cc — the whole system with its programs, and typed commands.

#include <criterion/criterion.h>

#include <fstream>
#include <iterator>

#include "kernel/tests/system/session.hh"
#include "machine/run_directory.hh"

using namespace sprat::grading;

namespace {

// The kernel, but for the trampoline: cores that are woken up get no further than its first instruction.
std::filesystem::path kernel_that_wakes_nobody(const std::filesystem::path& folder) {
  std::ifstream whole(build_folder() / "kernel/sprat.elf", std::ios::binary);
  std::string image(std::istreambuf_iterator<char>(whole), {});
  constexpr char kBegin[] = "\xfa\xfc\x31\xc0\x8e\xd8";  // cli; cld; xor %ax,%ax; mov %ax,%ds
  const std::size_t at = image.find(kBegin);
  cr_assert(at != std::string::npos && image.find(kBegin, at + 1) == std::string::npos,
            "the trampoline of kernel/boot/trampoline.S begins otherwise");
  image.replace(at, 3, "\xf4\xeb\xfd");  // hlt, again and again: the second STARTUP ends it in QEMU
  const auto path = folder / "sprat.elf";
  std::ofstream(path, std::ios::binary) << image;
  return path;
}

// A program on each core but the first.
std::vector<std::string> on_each(unsigned cores) {
  std::vector<std::string> command_lines;
  for (unsigned core = 1; core < cores; ++core)
    command_lines.push_back("hello core=" + std::to_string(core));
  return command_lines;
}

}  // namespace

Test(shell, runs_typed_commands_and_leaves_when_all_are_done) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::qemu_icount, Emulator::bochs}) {
    expect_session(
        session({.emulator = emulator, .typed = "ps\nrun hello a b\nnonsense\nrun nonsense\n"}),
        {"> ps\r\n", "1  shell", "> run hello a b\r\n", "hello from process 2 of core 0: a b\r\n",
         "nonsense: no such command", "nonsense: no such program", "> ^D", "Good bye."});
  }
}

Test(shell, leaves_at_once_when_nothing_is_typed) {
  expect_session(session({}), {"> ^D", "Good bye."});
}

Test(shell, keeps_keys_typed_while_a_program_runs) {
  std::string lines;
  for (int i = 0; i < 20; ++i) lines += "run hello " + std::to_string(i) + "\n";
  const RunResult result = session({.typed = lines});
  expect_session(result, {"core 0: 0\r\n", "core 0: 9\r\n", "core 0: 19\r\n", "Good bye."});
}

Test(shell, waits_for_programs_before_it_leaves) {
  expect_session(
      session({.typed = "run counter 1 &\n"}),
      {"> ^D", "Waiting for process 2 (counter).", "counter: 1 s on core 0", "Good bye."});
}

// A line "@TEXT" of a session (session.hh): what follows is typed later, and the same text must come once more for a second one.
Test(session, types_on_when_a_text_has_come) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs}) {
    const std::string wait = "@s on core 0\n";
    const RunResult result = session(
        {.emulator = emulator,
         .typed = "run counter 2 &\n" + wait + "run hello first\n" + wait + "run hello second\n"});
    expect_session(result, {"counter: 1 s on core 0", ": first\r\n", "counter: 2 s on core 0",
                            ": second\r\n", "Good bye."});
  }
}

Test(shell, control_c_ends_a_program_and_discards_typed_keys) {
  expect_session(session({.typed = "run counter 50\nps\n\x03run hello\n"}),
                 {"> run counter 50\r\n", "^C\r\n> run hello\r\n", "hello from", "Good bye."});
}

Test(shell, programs_call_each_other_through_offered_endpoints) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs}) {
    expect_session(
        session({.emulator = emulator,
                 .typed =
                     "run echo too early\nrun echo &\nrun echo more than one message can take, "
                     "which is forty letters\nkill 3\nrun echo too late\n"}),
        {"echo: not_found", "process 3\r\n",
         "\r\nmore than one message can take, which is forty letters\r\n", "> kill 3",
         "echo: not_found", "Good bye."});
  }
}

Test(shell, every_core_starts_and_runs_its_programs) {
  const RunResult result = session(
      {.emulator = Emulator::qemu_icount, .typed = "cores\n", .cores = 16, .more = on_each(16)},
      [](MachineConfig& config) { config.memory_mib = 256; });
  for (const std::string core : {"1", "7", "15"})
    expect_session(result, {("of core " + core + ": core=" + core + "\r\n").c_str(), "Good bye."});
  expect_session(result, {"  15    15  running\r\n", "Good bye."});
  // Letters of cores that print at the same time may mix (debug/console.cc): the others have a second to be done.
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs})
    expect_session(session({.emulator = emulator,
                            .typed = "run counter 1\ncores\n",
                            .cores = 4,
                            .more = on_each(4)}),
                   {"   1     1  running\r\n", "   3     3  running\r\n", "Good bye."});
}

Test(shell, a_core_that_never_answers_is_reported_and_left_out) {
  const RunDirectory folder;
  const auto kernel = kernel_that_wakes_nobody(folder.path());
  expect_session(
      session({.typed = "cores\nrun hello\n", .cores = 3, .kernel = kernel}),
      {"monitor: core 1 (APIC 1) does not start: it was sent its wake-up calls and does not "
       "answer",
       "monitor: core 2 (APIC 2) does not start", "hello from process", "Good bye."});
}

Test(shell, faulting_program_ends_alone) {
  expect_session(session({.typed = "run fault\nrun fault disabled\nrun hello\n"}),
                 {"fault: trap 14", "monitor: process 3 (fault) was stopped: vector 14",
                  "hello from process 4", "Good bye."});
}
