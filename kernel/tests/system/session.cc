// session.cc — modules, keys, and the console's contents afterwards.

#include "kernel/tests/system/session.hh"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>

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

RunResult session(const Session& session, const std::function<void(MachineConfig&)>& change) {
  int ends[2];
  cr_assert_eq(pipe2(ends, O_CLOEXEC), 0);
  cr_assert_eq(write(ends[1], session.typed.data(), session.typed.size()),
               (ssize_t)session.typed.size());
  close(ends[1]);
  const auto keys = [&]() -> std::optional<std::string> {
    std::string text(256, 0);
    const ssize_t got = read(ends[0], text.data(), text.size());
    if (got <= 0) return std::nullopt;
    text.resize(static_cast<std::size_t>(got));
    return text;
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
