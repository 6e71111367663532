// adapters.hh — a result in the form other systems want it: small functions from Result to text.

#pragma once

#include <string>

#include "score/result.hh"

namespace sprat::grading {

// Returns the result for one of:
//   gradescope      results.json: a score and an output per test and checkpoint
//   autolab         the autoresult, one line: points per exercise
//   classroom50     result.json of schema classroom50/result/v1; identity from the runner's
//   environment github          workflow commands, one annotation per failure github-summary
//   Markdown for $GITHUB_STEP_SUMMARY
// Throws SetupError for another name, or when the environment lacks what the form needs.
std::string adapt(const std::string& adapter, const Result& result);

}  // namespace sprat::grading
