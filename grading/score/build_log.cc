// build_log.cc — GCC and clang, GNU as, GNU ld and lld, and make, told apart by the form of their errors.

#include "score/build_log.hh"

#include <algorithm>
#include <array>

namespace sprat::grading {
namespace {

constexpr std::size_t kMostBytes = 400;

constexpr std::array<std::string_view, 4> kCompiler{
    ": error: ", ": fatal error: ", ": Error: ", "No rule to make target"};
constexpr std::array<std::string_view, 8> kLinker{
    "undefined reference to", "multiple definition of", "will not fit in region", "/ld: ",
    "ld.lld: error: ",        "collect2: error: ",      "linker command failed",  "ld: error: "};

// Messages of system calls, compilers, shells and make when the computer is at fault.
constexpr std::array<std::string_view, 15> kTrouble{"No space left on device",
                                                    "Disk quota exceeded",
                                                    "Read-only file system",
                                                    "Input/output error",
                                                    "Cannot allocate memory",
                                                    "virtual memory exhausted",
                                                    "out of memory allocating",
                                                    "Too many open files",
                                                    "Resource temporarily unavailable",
                                                    "Killed signal terminated program",
                                                    "terminated with signal 9",
                                                    ": command not found",
                                                    "cannot execute",
                                                    "error while loading shared libraries",
                                                    "bwrap: "};

// "make[1]: g++: No such file or directory", "sh: 1: g++: not found": a program that is missing, and no header.
bool misses_a_program(std::string_view line) {
  const bool make = line.starts_with("make");
  const bool shell = line.starts_with("sh: ") || line.starts_with("/bin/sh: ") ||
                     line.starts_with("/usr/bin/env: ");
  return (make && line.ends_with(": No such file or directory")) ||
         (make && line.ends_with("Permission denied")) || (shell && line.ends_with("not found")) ||
         (shell && line.ends_with("No such file or directory"));
}

template <std::size_t N>
bool has_any(std::string_view line, const std::array<std::string_view, N>& marks) {
  return std::any_of(marks.begin(), marks.end(), [&](std::string_view mark) {
    return line.find(mark) != std::string_view::npos;
  });
}

std::string without_colours(std::string_view line) {
  std::string plain;
  for (std::size_t i = 0; i < line.size() && plain.size() < kMostBytes; ++i) {
    if (line.substr(i).starts_with("\x1b["))
      i = std::min(line.find_first_of("mK", i), line.size());
    else
      plain += line[i];
  }
  return plain;
}

// Calls `visit` with each line that is not empty, until it returns false.
template <typename Visit>
void for_each_line(std::string_view log, Visit visit) {
  while (!log.empty()) {
    const std::size_t end = std::min(log.find('\n'), log.size());
    const std::string line = without_colours(log.substr(0, end));
    log.remove_prefix(std::min(end + 1, log.size()));
    if (!line.empty() && !visit(line)) return;
  }
}

}  // namespace

std::string trouble_in_build_log(std::string_view log) {
  std::string found;
  for_each_line(log, [&](const std::string& line) {
    if (has_any(line, kTrouble) || misses_a_program(line)) found = line;
    return found.empty();
  });
  return found;
}

namespace {

// Several jobs write into a log, in any order. So errors go by their files, and those of one file in the order of the log.
std::vector<std::string> first_by_file(std::vector<std::string> errors, std::size_t most) {
  const auto file_of = [](std::string_view line) { return line.substr(0, line.find(": ")); };
  const auto without_line = [&](std::string_view line) {
    const std::string_view file = file_of(line);
    return file.substr(0, file.find(':'));
  };
  std::ranges::stable_sort(errors, {}, without_line);
  const auto repeated = std::ranges::unique(errors);
  errors.erase(repeated.begin(), repeated.end());
  if (errors.size() > most) errors.resize(most);
  return errors;
}

}  // namespace

BuildFailure read_build_log(std::string_view log, std::size_t most_errors) {
  std::vector<std::string> compiler;
  std::vector<std::string> linker;
  std::string last;
  for_each_line(log, [&](const std::string& line) {
    last = line;
    if (has_any(line, kLinker)) {
      linker.push_back(line);
    } else if (has_any(line, kCompiler)) {
      compiler.push_back(line);
    }
    return true;
  });
  if (!compiler.empty())
    return {Verdict::build_failed, first_by_file(std::move(compiler), most_errors)};
  if (!linker.empty()) return {Verdict::link_failed, first_by_file(std::move(linker), most_errors)};
  return {Verdict::build_failed, last.empty() ? std::vector<std::string>{} : std::vector{last}};
}

}  // namespace sprat::grading
