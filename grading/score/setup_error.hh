// setup_error.hh — the exception for a grading that cannot begin: a wrong option, manifest or tool,
// never a wrong answer.

#pragma once

#include <stdexcept>

namespace sprat::grading {

// The message says what is wrong and what to do about it; programs print it and exit with status 2.
struct SetupError : std::runtime_error {
  using std::runtime_error::runtime_error;
};

}  // namespace sprat::grading
