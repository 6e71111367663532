// tap_report.cc — one line per test, at the left margin:
//
//   ok - suite::test  (0.15s)                            ok - suite::test  # SKIP reason
//   not ok - suite::test  (0.00s)                        not ok - suite::test timed out (1.01s)
//   not ok - suite::test unexpected signal after FILE:LINE
//
// and below a failed one its messages, indented.

#include "score/tap_report.hh"

#include <cstdlib>
#include <optional>
#include <utility>

namespace sprat::grading {
namespace {

constexpr std::size_t kMostDetail = 2000;
constexpr std::string_view kAssertion = "Assertion failed: ";

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

double seconds_in(std::string_view rest) {
  const std::size_t open = rest.rfind('(');
  if (open == std::string_view::npos || !rest.ends_with("s)")) return 0;
  const double seconds = std::strtod(std::string(rest.substr(open + 1)).c_str(), nullptr);
  return seconds >= 0 && seconds < 1e6 ? seconds : 0;
}

std::optional<std::pair<std::string, ReportedTest>> parse_line(std::string_view line) {
  const bool bad = take(line, "not ");
  if (!take(line, "ok - ")) return std::nullopt;
  const std::size_t colons = line.find("::");
  const std::size_t end = line.find(' ', colons);
  if (colons == std::string_view::npos || colons == 0 || end == std::string_view::npos)
    return std::nullopt;

  const std::string name = std::string(line.substr(0, colons)) + "." +
                           std::string(line.substr(colons + 2, end - colons - 2));
  const std::string_view rest = line.substr(end + 1);
  Outcome outcome = bad ? Outcome::failed : Outcome::passed;
  if (rest.starts_with("unexpected signal")) outcome = Outcome::crashed;
  if (rest.starts_with("timed out")) outcome = Outcome::timed_out;
  if (rest.find("# SKIP") != std::string_view::npos) outcome = Outcome::skipped;
  return std::pair{name, ReportedTest{outcome, seconds_in(rest), ""}};
}

void add_detail(ReportedTest& test, std::string_view line) {
  line.remove_prefix(line.find_first_not_of(' '));
  if (line.starts_with("- ") || line.starts_with("assertions:") || line == "failures:" ||
      line == "---" || line == "...")
    return;
  take(line, kAssertion);
  if (!test.detail.empty()) test.detail += '\n';
  test.detail += line.substr(0, kMostDetail - std::min(kMostDetail, test.detail.size()));
}

}  // namespace

std::map<std::string, ReportedTest> parse_tap(std::string_view text) {
  std::map<std::string, ReportedTest> tests;
  ReportedTest* current = nullptr;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (auto parsed = parse_line(line)) {
      const auto [entry, is_new] = tests.insert(*parsed);
      if (!is_new && parsed->second.outcome > entry->second.outcome) entry->second = parsed->second;
      current = &entry->second;
    } else if (current && line.starts_with("  ") &&
               line.find_first_not_of(' ') != std::string_view::npos &&
               current->detail.size() < kMostDetail) {
      add_detail(*current, line);
    }
  }
  return tests;
}

}  // namespace sprat::grading
