// tap_report.hh — Criterion's result of each test, read from its TAP report.
//
// Of the three reports Criterion writes, only TAP cannot be forged by a tested program's output:
// messages of assertions stand in it indented, line by line, while JSON and XML carry them with
// quotes and `]]>` as they are.

#pragma once

#include <map>
#include <string>
#include <string_view>

namespace sprat::grading {

// From good to bad: when a report names a test twice, the worse outcome counts.
enum class Outcome { passed, skipped, failed, crashed, timed_out };

struct ReportedTest {
  Outcome outcome;
  double seconds;      // to a hundredth, as Criterion rounds it
  std::string detail;  // messages of failed assertions, at most 2,000 characters
};

// By test name, "suite.test". Lines that are not TAP are passed over; any text gives some report.
std::map<std::string, ReportedTest> parse_tap(std::string_view text);

}  // namespace sprat::grading
