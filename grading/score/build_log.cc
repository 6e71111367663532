// build_log.cc — GCC and clang, GNU as, GNU ld and lld, and make, told apart by what their errors
// look like.

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

}  // namespace

BuildFailure read_build_log(std::string_view log, std::size_t most_errors) {
  std::vector<std::string> compiler;
  std::vector<std::string> linker;
  std::string last;
  while (!log.empty()) {
    const std::size_t end = std::min(log.find('\n'), log.size());
    const std::string line = without_colours(log.substr(0, end));
    log.remove_prefix(std::min(end + 1, log.size()));
    if (line.empty()) continue;
    last = line;
    if (has_any(line, kLinker)) {
      if (linker.size() < most_errors) linker.push_back(line);
    } else if (has_any(line, kCompiler) && compiler.size() < most_errors) {
      compiler.push_back(line);
    }
  }
  if (!compiler.empty()) return {Verdict::build_failed, compiler};
  if (!linker.empty()) return {Verdict::link_failed, linker};
  return {Verdict::build_failed, last.empty() ? std::vector<std::string>{} : std::vector{last}};
}

}  // namespace sprat::grading
