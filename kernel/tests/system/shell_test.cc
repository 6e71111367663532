// shell_test.cc — the whole system with its programs, and somebody who types.

#include <criterion/criterion.h>
#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "machine/machine.hh"
#include "machine/run_directory.hh"

using namespace sprat::grading;

namespace {

std::filesystem::path build() {
  return std::filesystem::canonical("/proc/self/exe").parent_path().parent_path();
}

// The kernel, but for the trampoline: cores that are woken up get no further than its first instruction.
std::filesystem::path kernel_that_wakes_nobody(const std::filesystem::path& folder) {
  std::ifstream whole(build() / "kernel/sprat.elf", std::ios::binary);
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

// The system with a shell, and a program on each core but the first; `typed` is typed as from a file.
RunResult session(Emulator emulator, const std::string& typed, unsigned cores = 1,
                  const std::filesystem::path& kernel = build() / "kernel/sprat.elf") {
  MachineConfig config;
  config.emulator = emulator;
  config.kernel = kernel;
  config.command_line = "log=quiet";
  config.memory_mib = 128;
  config.cpus = cores;
  config.wall_seconds = 60;
  for (const char* name : {"init", "shell", "hello", "echo", "counter", "fault"})
    config.modules.push_back({build() / "user" / name, name});
  for (unsigned core = 1; core < cores; ++core)
    config.modules.push_back({build() / "user/hello", "hello core=" + std::to_string(core)});
  int ends[2];
  cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
  cr_assert_eq(write(ends[1], typed.data(), typed.size()), (ssize_t)typed.size());
  close(ends[1]);
  const auto keys = [&]() -> std::optional<std::string> {
    std::string text(256, 0);
    const ssize_t got = read(ends[0], text.data(), text.size());
    if (got <= 0) return std::nullopt;
    text.resize(static_cast<std::size_t>(got));
    return text;
  };
  const RunResult result =
      Machine(config).run({.keyboard = ends[0], .keys = keys, .last_keys = "\x04"});
  close(ends[0]);
  return result;
}

void expect_session(const RunResult& result, std::initializer_list<const char*> texts) {
  cr_expect(result.ending == Ending::said_ok, "%s\n%s", result.explanation.c_str(),
            result.console.c_str());
  std::size_t at = 0;
  for (const std::string text : texts) {
    at = result.console.find(text, at);
    cr_assert(at != std::string::npos, "\"%s\" is not on the console, or not in its place:\n%s",
              text.c_str(), result.console.c_str());
  }
}

}  // namespace

Test(shell, does_what_is_typed_and_leaves_when_nothing_is_left_to_do) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::qemu_icount, Emulator::bochs}) {
    expect_session(
        session(emulator, "ps\nrun hello a b\nnonsense\nrun nonsense\n"),
        {"> ps\r\n", "1  shell", "> run hello a b\r\n", "hello from process 2 of core 0: a b\r\n",
         "nonsense: no such command", "nonsense: no such program", "> ^D", "Good bye."});
  }
}

Test(shell, leaves_at_once_when_nothing_is_typed) {
  expect_session(session(Emulator::qemu, ""), {"> ^D", "Good bye."});
}

Test(shell, keeps_what_is_typed_while_a_program_runs) {
  std::string lines;
  for (int i = 0; i < 20; ++i) lines += "run hello " + std::to_string(i) + "\n";
  const RunResult result = session(Emulator::qemu, lines);
  expect_session(result, {"core 0: 0\r\n", "core 0: 9\r\n", "core 0: 19\r\n", "Good bye."});
}

Test(shell, waits_for_programs_before_it_leaves) {
  expect_session(
      session(Emulator::qemu, "run counter 1 &\n"),
      {"> ^D", "Waiting for process 2 (counter).", "counter: 1 s on core 0", "Good bye."});
}

Test(shell, control_c_ends_a_program_and_forgets_what_was_typed) {
  expect_session(session(Emulator::qemu, "run counter 50\nps\n\x03run hello\n"),
                 {"> run counter 50\r\n", "^C\r\n> run hello\r\n", "hello from", "Good bye."});
}

Test(shell, programs_call_each_other_through_what_they_offer) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs}) {
    expect_session(
        session(emulator,
                "run echo too early\nrun echo &\nrun echo more than one message can take, "
                "which is forty letters\nkill 3\nrun echo too late\n"),
        {"echo: not_found", "process 3\r\n",
         "\r\nmore than one message can take, which is forty letters\r\n", "> kill 3",
         "echo: not_found", "Good bye."});
  }
}

Test(shell, every_core_starts_and_runs_its_programs) {
  const RunResult result = session(Emulator::qemu_icount, "cores\n", 16);
  for (const std::string core : {"1", "7", "15"})
    expect_session(result, {("of core " + core + ": core=" + core + "\r\n").c_str(), "Good bye."});
  expect_session(result, {"  15    15  running\r\n", "Good bye."});
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs})
    expect_session(session(emulator, "cores\n", 4),
                   {"   1     1  running\r\n", "   3     3  running\r\n", "Good bye."});
}

Test(shell, a_core_that_never_answers_is_reported_and_left_out) {
  const RunDirectory folder;
  const auto kernel = kernel_that_wakes_nobody(folder.path());
  expect_session(
      session(Emulator::qemu, "cores\nrun hello\n", 3, kernel),
      {"init: core 1 (APIC 1) does not start: it was sent its wake-up calls and does not "
       "answer",
       "init: core 2 (APIC 2) does not start", "hello from process", "Good bye."});
}

Test(shell, a_program_that_does_what_it_must_not_ends_alone) {
  expect_session(session(Emulator::qemu, "run fault\nrun fault disabled\nrun hello\n"),
                 {"fault: trap 14", "init: process 3 (fault) was stopped: vector 14",
                  "hello from process 4", "Good bye."});
}
