// grading.hh — one grading from build to result.json: what `grade` does once, and `mutants` for
// each of its trees.

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "score/manifest.hh"
#include "score/result.hh"

namespace sprat::grading {

struct Grading {
  std::filesystem::path root;   // the tree whose lab and tests are trusted
  std::filesystem::path tests;  // the lab's test binary
  std::filesystem::path
      artifacts;                // folder of what is graded: sprat.elf, sprat-test.elf, subject-LAB
  std::filesystem::path scope;  // the QEMU plugin
  std::filesystem::path
      out;  // where result, reports and logs go; results of earlier gradings there are removed
  std::string build;  // a shell command that makes the artifacts; empty: they are there
  std::filesystem::path submission;  // a tree to take answers from; then artifacts are made of a
                                     // clean one, not `build`
  std::filesystem::path stage;       // scripts/stage
  std::vector<std::string> only;     // tests; empty: all
  std::uint64_t seed = 0;
  unsigned jobs = 2;
  double build_seconds = 300;  // limits, on an idle computer
  double test_seconds = 60;
  double run_seconds = 900;

  std::function<void(std::string_view step)> on_step;                       // may be empty
  std::function<void(std::string_view test, Verdict verdict)> on_finished;  // may be empty
};

// Grades. Whatever the graded code does, `out` holds a valid result.json from the first moment on,
// and the final one in the end; after an interrupt as well. Throws SetupError or MachineError when
// grading cannot begin.
Result grade(const Grading& grading, const Manifest& manifest);

// Judges what an earlier grading left in `out` once more, without building or running, and writes
// result.json anew.
Result judge_again(const std::filesystem::path& out, const Manifest& manifest);

// All tests of an exercise, those of its checkpoints included. Throws SetupError when there is no
// such exercise.
std::vector<std::string> tests_of(const Manifest& manifest, const std::string& exercise);

// The tests that measure checkpoints.
std::vector<std::string> checkpoint_tests(const Manifest& manifest);

}  // namespace sprat::grading
