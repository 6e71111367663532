// versions.cc — see versions.hh.

#include "score/versions.hh"

#include <poll.h>

#include <algorithm>
#include <mutex>
#include <sstream>
#include <string_view>

#include "machine/channel.hh"
#include "machine/config.hh"
#include "machine/process.hh"
#include "score/setup_error.hh"

namespace sprat::grading {
namespace {

constexpr std::size_t kMostVersionBytes = 200;

// Returns the program's output on standard output or error; empty when it cannot be started.
std::string output_of(const std::vector<std::string>& arguments) {
  try {
    RunDirectory directory;
    Channel words(1 << 16);
    Process program({.arguments = arguments,
                     .descriptors = {{words.child_end(), 1}, {words.child_end(), 2}},
                     .folder = directory.path(),
                     .cpu_seconds = 10},
                    Trusted(), directory);
    words.close_child_end();
    while (!program.ended()) {
      pollfd events[] = {{program.ended_descriptor(), POLLIN, 0}, {words.descriptor(), POLLIN, 0}};
      poll(events, words.open() ? 2 : 1, 1000);
      words.pump();
    }
    words.pump();
    return words.text();
  } catch (const MachineError&) {
    return "";
  }
}

// The first line that has `mark` in it, without blanks around it.
std::string line_with(const std::string& text, std::string_view mark) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.find(mark) == std::string::npos) continue;
    line.erase(0, std::min(line.find_first_not_of(" \t"), line.size()));
    return line.substr(0, kMostVersionBytes);
  }
  return "";
}

bool is_plain(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         std::string_view(" +-_./=:,@%").find(c) != std::string_view::npos;
}

}  // namespace

std::vector<std::string> words_of_compiler(const std::string& compiler) {
  if (!std::all_of(compiler.begin(), compiler.end(), is_plain))
    throw SetupError("the compiler is `" + compiler +
                     "`; name it with letters, digits, blanks and +-_./=:,@% only");
  std::vector<std::string> words;
  std::istringstream text(compiler);
  for (std::string word; text >> word;) words.push_back(word);
  if (words.empty()) throw SetupError("the compiler has no name; say which, such as g++");
  return words;
}

std::map<std::string, std::string> tool_versions(const std::vector<std::string>& compiler) {
  static std::mutex mutex;
  static std::map<std::vector<std::string>, std::map<std::string, std::string>> known;
  const std::lock_guard lock(mutex);
  std::map<std::string, std::string>& versions = known[compiler];
  if (!versions.empty()) return versions;
  const auto add = [&](const char* name, std::string line) {
    if (!line.empty()) versions[name] = std::move(line);
  };
  std::vector<std::string> question = compiler;
  question.push_back("--version");
  add("compiler", line_with(output_of(question), ""));
  add("qemu", line_with(output_of({"qemu-system-x86_64", "--version"}), "version"));
  add("bochs", line_with(output_of({"bochs", "--help"}), "Bochs x86 Emulator"));
  return versions;
}

}  // namespace sprat::grading
