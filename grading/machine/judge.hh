// judge.hh — from how a run ended to a verdict and a sentence that helps.

#pragma once

#include "machine/run_result.hh"

namespace sprat::grading {

// The judge's input beyond the result itself: where in the run the last output of a channel
// came, from 0 (its first output, or none) to 1 (the end).
struct OutputShares {
  double console = 0;
  double protocol = 0;
};

// Output in the last quarter of a run counts as "still going on".
inline constexpr double kRecently = 0.75;

// Fills in verdict and explanation from the other fields of `result`. An ending within a limit is
// judged by the last output: answers mean slow (limit), other output means hang_printing, nothing
// means hang_silent.
void judge(RunResult& result, OutputShares last_output);

// Returns the line that begins "panic: " on port 0xe9, without these words; empty when there is none. The console does
// not count: a panic is one even where no UART works.
std::string panic_message(const std::string& protocol);

}  // namespace sprat::grading
