// consoles.cc — see consoles.hh.

#include "score/consoles.hh"

#include <algorithm>
#include <string_view>

#include "score/files.hh"

namespace sprat::grading {
namespace {

constexpr std::size_t kMostConsoleLines = 5;
constexpr std::size_t kMostConsoleLine = 300;

std::string last_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty() && lines.size() < kMostConsoleLines) {
    const std::size_t begin = text.rfind('\n') + 1;  // npos + 1 is 0
    const std::string_view line = text.substr(begin);
    text = text.substr(0, begin == 0 ? 0 : begin - 1);
    if (line.find_first_not_of(" \t\r") != std::string_view::npos) lines.push_back(line);
  }
  std::string out;
  for (auto line = lines.rbegin(); line != lines.rend(); ++line) {
    std::string_view one = line->substr(0, kMostConsoleLine);
    while (one.ends_with('\r')) one.remove_suffix(1);
    out += (out.empty() ? "" : "\n") + std::string(one);
  }
  return out;
}

}  // namespace

void add_consoles(Result& result, const std::filesystem::path& out) {
  for (TestResult& test : result.tests)
    if (test.verdict != Verdict::ok && test.verdict != Verdict::not_run)
      test.console =
          last_lines(read_file(out / "logs" / (test.name + ".console.log")).value_or(""));
}

}  // namespace sprat::grading
