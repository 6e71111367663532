// build_log.hh — the log of a failed build: did it not compile or not link, and which errors came
// first.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "score/verdict.hh"

namespace sprat::grading {

struct BuildFailure {
  Verdict verdict;  // build_failed or link_failed
  std::vector<std::string> errors;
};

// Returns the line of a failed build's log that shows a fault of the computer: no room on the
// disk, no memory, a tool that is missing or was killed. Empty when there is none.
std::string trouble_in_build_log(std::string_view log);

// Reads the log of a build that failed. link_failed when no compiler or assembler complained but
// the linker did. At most `most_errors` lines, each at most 400 bytes, by their files and in the order of the log,
// so that they do not depend on the order in which jobs write into it; when none is recognised, the last line.
BuildFailure read_build_log(std::string_view log, std::size_t most_errors = 5);

}  // namespace sprat::grading
