// options.hh — the command lines of `grade` and `mutants`.

#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "score/grading.hh"

namespace sprat::grading {

struct GradeOptions {
  Grading grading;
  std::string lab;
  std::string exercise;             // empty: all
  bool checkpoints = false;         // only the tests that measure
  std::optional<int> expect_score;  // exit with 1 when the score is another
  std::filesystem::path rejudge;    // judge the evidence in this folder again, and nothing else
  std::string adapter;              // write a result in another system's form, and nothing else
  std::filesystem::path in;         // the result the adapter reads
};

struct MutantsOptions {
  Grading grading;  // what all gradings have in common; `out` is the folder of their folders
  std::string lab;
  std::vector<std::string> only;  // names; empty: all
  unsigned workers = 2;
  bool thorough = false;  // run all tests of each mutant
};

// Reads a command line. The words after a `--` are the build, as programs and their arguments: a further `--` begins
// the next one. Prints help or what is wrong and exits, with status 0 or 2.
GradeOptions grade_options(int argc, char** argv);
MutantsOptions mutants_options(int argc, char** argv);

}  // namespace sprat::grading
