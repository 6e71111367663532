// grading.hh — one grading from build to result.json, as `grade` does it once, and `mutants` for
// each of its trees.

#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "machine/wall.hh"
#include "score/manifest.hh"
#include "score/result.hh"
#include "score/walled_build.hh"

namespace sprat::grading {

struct Grading {
  std::filesystem::path root;   // the tree whose lab and tests are trusted
  std::filesystem::path tests;  // the lab's test binary
  std::filesystem::path
      artifacts;  // folder of the graded artifacts: sprat.elf, sprat-test.elf, subject-LAB
  std::filesystem::path scope;  // the QEMU plugin
  std::filesystem::path
      out;  // where result, reports and logs go; results of earlier gradings there are removed
  // Trusted programs with their arguments that come first, one after the other: they make the tree, or the artifacts.
  std::vector<std::vector<std::string>> build;
  // A staged tree whose artifacts are made, behind the wall, in the folder `place`, which is kept so that only what has
  // changed is built the next time. Empty: `artifacts` are there.
  std::filesystem::path tree, place;
  std::string goal = WalledBuild::kAll;  // all artifacts of `tree`, or the one that is looked at
  std::string compiler = "g++";          // of trees and submissions, with its flags behind it
  std::optional<Wall>
      wall;  // around all that the graded code gets its hands on; nothing: the best that works
  std::filesystem::path submission;  // a tree to take answers from; then artifacts are made of a
                                     // clean one, not `build`
  std::filesystem::path stage;       // scripts/stage
  std::filesystem::path prebuilt;  // folder of starters that are kept built (Prebuilt); empty: none
  std::vector<std::string> only;   // tests; empty: all
  std::uint64_t seed = 0;
  unsigned jobs = 2;
  double build_seconds = 300;  // limits, on an idle computer
  double test_seconds = 60;
  double run_seconds = 900;

  std::function<void(std::string_view step)> on_step;                       // may be empty
  std::function<void(std::string_view test, Verdict verdict)> on_finished;  // may be empty
};

// Grades. First removes what an earlier grading left in `out`; only a grading that came to its end leaves a result.json
// there, as the last thing it does. Whatever the graded code does, that is a valid one. Throws SetupError or
// MachineError, and leaves no result, when something else than the graded code is at fault: a file, folder or tool is
// missing, a disk is full, an emulator does not start, the tests were killed, took too long or were interrupted.
Result grade(const Grading& grading, const Manifest& manifest);

// Judges what an earlier grading left in `out` once more, without building or running, and writes
// result.json anew.
Result judge_again(const std::filesystem::path& out, const Manifest& manifest);

// Returns all tests of an exercise, those of its checkpoints included. Throws SetupError when there is no
// such exercise.
std::vector<std::string> tests_of(const Manifest& manifest, const std::string& exercise);

// Returns the tests that measure checkpoints.
std::vector<std::string> checkpoint_tests(const Manifest& manifest);

}  // namespace sprat::grading
