// program_test.cc — the program `machine` as a shell and a person meet it.

#include <criterion/criterion.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <fstream>

#include "machine/channel.hh"
#include "machine/process.hh"
#include "machine/run_directory.hh"
#include "places.hh"

using namespace sprat::grading;

namespace {

struct Outcome {
  int status = -1;
  std::string output;
};

// Runs the program with `keyboard` as its standard input; -1: nothing.
Outcome run(std::vector<std::string> arguments, std::vector<std::string> environment = {},
            int keyboard = -1) {
  RunDirectory directory;
  Channel output(1 << 20);
  std::vector<std::pair<int, int>> descriptors = {{output.child_end(), 1}, {output.child_end(), 2}};
  if (keyboard >= 0) descriptors.push_back({keyboard, 0});
  arguments.insert(arguments.begin(), places::machine().string());
  Process process({.arguments = arguments,
                   .descriptors = descriptors,
                   .folder = directory.path(),
                   .environment = environment},
                  Trusted(), directory);
  output.close_child_end();
  std::optional<ExitStatus> status;
  while (!(status = process.ended())) {
    pollfd events[] = {{process.ended_descriptor(), POLLIN, 0}, {output.descriptor(), POLLIN, 0}};
    poll(events, 2, 1000);
    output.pump();
  }
  output.pump();
  return {status->signal != 0 ? -status->signal : status->code, output.text()};
}

Outcome run_guest(const std::string& action, std::vector<std::string> more = {}) {
  std::vector<std::string> arguments = {"run", "--kernel", places::guest().string(), "--append",
                                        "do=" + action};
  arguments.insert(arguments.end(), more.begin(), more.end());
  return run(arguments);
}

// The program on a terminal of its own, with a person who reads and types.
class Terminal {
 public:
  explicit Terminal(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), places::machine().string());
    std::vector<char*> pointers;
    for (std::string& argument : arguments) pointers.push_back(argument.data());
    pointers.push_back(nullptr);
    pid = forkpty(&descriptor, nullptr, nullptr, nullptr);
    if (pid == 0) {
      execv(pointers[0], pointers.data());
      _exit(127);
    }
  }
  ~Terminal() {
    kill(pid, SIGKILL);
    waitpid(pid, nullptr, 0);
    close(descriptor);
  }

  bool shows(const std::string& text) {
    char buffer[4096];
    for (int tries = 0; tries != 300 && seen.find(text) == std::string::npos; ++tries) {
      pollfd one = {descriptor, POLLIN, 0};
      if (poll(&one, 1, 100) <= 0) continue;
      const ssize_t got = read(descriptor, buffer, sizeof buffer);
      if (got <= 0) break;
      seen.append(buffer, static_cast<std::size_t>(got));
    }
    return seen.find(text) != std::string::npos;
  }

  void type(const std::string& keys) {
    cr_assert_eq(write(descriptor, keys.data(), keys.size()), (ssize_t)keys.size());
  }

  bool is_raw() {
    termios now;
    tcgetattr(descriptor, &now);
    return (now.c_lflag & ICANON) == 0;
  }

  // As waitpid tells it; to be asked once.
  int status() {
    int raw = 0;
    waitpid(pid, &raw, 0);
    return raw;
  }

  pid_t pid = -1;
  int descriptor = -1;
  std::string seen;
};

std::vector<std::string> echo_on(const char* emulator, const std::string& action = "echo") {
  return {"run",   "--kernel", places::guest().string(), "--append", "do=" + action,
          "--emu", emulator};
}

// A guest that echoes, with `text` on standard input.
Outcome echo(const std::string& text, const std::vector<std::string>& arguments) {
  RunDirectory directory;
  const auto file = directory.path() / "text";
  std::ofstream(file) << text;
  const int keyboard = open(file.c_str(), O_RDONLY | O_CLOEXEC);
  const Outcome outcome = run(arguments, {}, keyboard);
  close(keyboard);
  return outcome;
}

Outcome echo(const char* emulator, const std::string& text) {
  return echo(text, echo_on(emulator));
}

}  // namespace

Test(program, exit_status_says_how_the_system_ended) {
  cr_assert_eq(run_guest("ok").status, 0);
  cr_assert_eq(run_guest("failed").status, 1);
  cr_assert_eq(run_guest("panic").status, 1);
  cr_assert_eq(run_guest("halt_silent").status, 1);
}

Test(program, console_is_streamed_and_trouble_explained) {
  const Outcome outcome = run_guest("triple_fault");
  cr_assert(outcome.output.starts_with("guest\r\n"));
  cr_assert_neq(outcome.output.find("The processor gave up"), std::string::npos, "%s",
                outcome.output.c_str());
}

Test(program, wrong_usage_has_its_own_status) {
  cr_assert_eq(run({}).status, 2);
  cr_assert_eq(run({"run"}).status, 2);
  cr_assert_eq(run_guest("ok", {"--emu", "vax"}).status, 2);
  cr_assert_eq(run_guest("ok", {"--cpus", "99"}).status, 2);
  cr_assert_eq(run({"run", "--kernel", "/nowhere"}).status, 2);
  cr_assert_eq(run({"--help"}).status, 0);
}

Test(program, unknown_program_is_refused_with_the_list_of_programs) {
  RunDirectory folder;
  const auto path = folder.path() / "programs";
  std::filesystem::create_directories(path / "obj");
  for (const char* name : {"hello", "counter", "hello.elf", "libuser.a"})
    std::ofstream(path / name) << name;
  const auto refused = [&](const std::string& modules) {
    const Outcome outcome = run_guest("ok", {"--programs", path.string(), "--modules", modules});
    cr_expect_eq(outcome.status, 2, "%s", modules.c_str());
    return outcome.output;
  };
  for (const char* name :
       {"helo", "hello.elf", "obj", "../programs/hello", "-n", "$(touch PWNED)"}) {
    const std::string word = std::string(name).substr(0, std::string(name).find(' '));
    const std::string wanted = "there is no program '" + word + "' in " + path.string() +
                               "; write one of: counter, hello\n";
    const std::string output = refused("hello core=1, " + std::string(name) + " with words");
    cr_expect_neq(output.find(wanted), std::string::npos, "%s", output.c_str());
  }
  std::filesystem::remove_all(path);
  const std::string output = refused("hello");
  cr_expect_neq(output.find("no program is there at all"), std::string::npos, "%s", output.c_str());
}

Test(program, missing_emulator_has_its_own_status) {
  const Outcome outcome = run({"run", "--kernel", places::guest().string()}, {"PATH=/nowhere"});
  cr_assert_eq(outcome.status, 3);
  cr_assert_neq(outcome.output.find("make doctor"), std::string::npos, "%s",
                outcome.output.c_str());
}

Test(program, disc_is_made_and_holds_the_kernel) {
  RunDirectory directory;
  const std::string disc = directory.path() / "disc.iso";
  const Outcome outcome = run({"iso", "--kernel", places::guest().string(), "--module",
                               places::guest().string() + " other a=b", "--out", disc});
  cr_assert_eq(outcome.status, 0, "%s", outcome.output.c_str());
  cr_assert_neq(places::content_of(disc).find(places::content_of(places::guest())),
                std::string::npos);
}

Test(program, keys_go_to_the_guest_and_the_terminal_is_restored) {
  for (const char* emulator : {"qemu", "bochs"}) {
    Terminal terminal(echo_on(emulator));
    cr_assert(terminal.shows("guest"), "%s: %s", emulator, terminal.seen.c_str());
    cr_assert(terminal.is_raw());
    terminal.type("abc");
    cr_assert(terminal.shows("abc"), "%s: %s", emulator, terminal.seen.c_str());
    terminal.type("q");
    cr_assert_eq(terminal.status(), 0);
    cr_assert(!terminal.is_raw());
  }
}

Test(program, standard_input_is_typed_to_the_last_letter_and_ends_with_control_d) {
  std::string text;
  for (int line = 0; line != 30; ++line) text += "line " + std::to_string(line) + " of thirty\n";
  for (const char* emulator : {"qemu", "qemu-icount", "bochs"}) {
    const Outcome outcome = echo(emulator, text);
    cr_assert_eq(outcome.status, 0, "%s: %s", emulator, outcome.output.c_str());
    cr_assert_neq(outcome.output.find(text), std::string::npos, "%s: %s", emulator,
                  outcome.output.c_str());
  }
}

Test(program, keys_wait_for_the_prompt) {
  const std::string text = "over the lazy dog jumps a brown fox\n";
  for (const char* emulator : {"qemu", "qemu-icount", "bochs"}) {
    std::vector<std::string> arguments = echo_on(emulator, "talk_then_echo");
    arguments.insert(arguments.end(), {"--prompt", ">"});
    const Outcome outcome = echo(text, arguments);
    cr_assert_eq(outcome.status, 0, "%s: %s", emulator, outcome.output.c_str());
    cr_assert_neq(outcome.output.find("> " + text), std::string::npos, "%s: %s", emulator,
                  outcome.output.c_str());
  }
}

Test(program, unfinished_last_line_of_standard_input_is_finished) {
  cr_assert_neq(echo("qemu", "a\nb").output.find("a\nb\n"), std::string::npos);
}

Test(program, nothing_on_standard_input_is_its_end) { cr_assert_eq(echo("qemu", "").status, 0); }

Test(program, an_open_pipe_is_no_reason_to_run_for_ever) {
  int pipe_ends[2];
  cr_assert_eq(pipe2(pipe_ends, O_CLOEXEC), 0);
  std::vector<std::string> arguments = echo_on("qemu");
  arguments.insert(arguments.end(), {"--seconds", "2"});
  cr_assert_eq(run(arguments, {}, pipe_ends[0]).status, 1);
}

Test(program, control_a_x_leaves) {
  Terminal terminal(echo_on("qemu"));
  cr_assert(terminal.shows("guest"));
  terminal.type("\x01x");
  cr_assert_eq(terminal.status(), 0);
  cr_assert(!terminal.is_raw());
}

Test(program, terminal_is_restored_when_it_is_terminated) {
  Terminal terminal(echo_on("qemu"));
  cr_assert(terminal.shows("guest") && terminal.is_raw());
  kill(terminal.pid, SIGTERM);
  const int status = terminal.status();
  cr_assert(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
  cr_assert(!terminal.is_raw());
}

// GDB reads a file of 64 bits only; the system's own is one.
Test(program, gdb_meets_a_machine_before_its_first_instruction) {
  RunDirectory directory;
  const std::string script = directory.path() / "script";
  std::ofstream(script) << "info registers rip\nkill\nquit\n";
  const Outcome outcome =
      run({"gdb", "--kernel", places::kernel().string(), "--gdb-script", script});
  cr_assert_neq(outcome.output.find("0xfff0"), std::string::npos, "%s", outcome.output.c_str());
}
