// session.cc — modules, keys, and the console's contents afterwards.

#include "kernel/tests/system/session.hh"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <deque>
#include <sstream>

using namespace sprat::grading;

std::filesystem::path build_folder() {
  return std::filesystem::canonical("/proc/self/exe").parent_path().parent_path();
}

MachineConfig machine_of(const Session& session) {
  MachineConfig config;
  config.wall = Wall::of(WallKind::none);  // the system is ours, and Bochs has a terminal of ours
  config.emulator = session.emulator;
  config.kernel = session.kernel;
  config.command_line = "log=quiet";
  config.memory_mib = 128;
  config.cpus = session.cores;
  config.wall_seconds = session.wall_seconds;
  for (const char* name :
       {"monitor", "memory", "shell", "hello", "echo", "counter", "fault", "talk"})
    config.modules.push_back({build_folder() / "user" / name, name});
  for (const std::string& command_line : session.more) {
    const std::string name = command_line.substr(0, command_line.find(' '));
    config.modules.push_back({build_folder() / "user" / name, command_line});
  }
  if (session.watched) config.scope = build_folder() / "host/scope.so";
  config.traces = session.watched;
  return config;
}

// Each line that begins with '@' begins a step.
static std::deque<Keys> steps_of(const std::string& typed) {
  std::deque<Keys> steps(1);
  std::istringstream lines(typed);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with('@'))
      steps.push_back({"", line.substr(1)});
    else
      steps.back().typed += line + (lines.eof() ? "" : "\n");
  return steps;
}

RunResult session(const Session& session, const std::function<void(MachineConfig&)>& change) {
  int ends[2];
  cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
  close(ends[1]);  // its other end is readable at any time
  std::deque<Keys> steps = steps_of(session.typed);
  const auto keys = [&]() -> std::optional<Keys> {
    if (steps.empty()) return std::nullopt;
    const Keys next = steps.front();
    steps.pop_front();
    return next;
  };
  MachineConfig config = machine_of(session);
  change(config);
  const RunResult result =
      Machine(config).run({.keyboard = ends[0], .keys = keys, .last_keys = "\x04", .prompt = ">"});
  close(ends[0]);
  return result;
}

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text != nullptr ? std::strtoull(text, nullptr, 10) : otherwise;
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

std::string printed_by(const std::string& command, const std::string& console, int n) {
  std::size_t begin = 0;
  while (n-- != 0) {
    begin = console.find("> " + command + "\r\n", begin);
    if (begin == std::string::npos) return "";
    ++begin;
  }
  return console.substr(begin, console.find("\r\n> ", begin) - begin);
}

std::string census(const std::string& console, int n) { return printed_by("census", console, n); }
