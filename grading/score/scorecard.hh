// scorecard.hh — a result as a person reads it in a terminal: at most 80 columns, colours only
// where wanted.

#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "score/result.hh"

namespace sprat::grading {

struct Look {
  bool colours = false;
  std::filesystem::path folder;          // where the result is kept: log files are named from here
  std::filesystem::path artifacts = {};  // what was graded, if it is still there: programs to debug
};

// Colours when `descriptor` is a terminal that can show them and NO_COLOR is not set.
bool wants_colours(int descriptor);

// Returns the whole card: a table per exercise, the checkpoints, then each failure with the expected and the actual
// value, the place in the log, and the section to read. Ends with the sum.
std::string scorecard(const Result& result, const Look& look);

// One line for a test that has just finished, without a newline.
std::string progress_line(std::string_view test, Verdict verdict, const Look& look);

}  // namespace sprat::grading
