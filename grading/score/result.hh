// result.hh — the outcome of a grading, which RESULT.md describes, as C++ types.

#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "score/verdict.hh"

namespace sprat::grading {

inline constexpr const char* kResultSchema = "sprat/result/v1";

struct TestResult {
  std::string name;
  std::string exercise;
  Verdict verdict = Verdict::not_run;
  int points = 0;
  int max_points = 0;
  double seconds = 0;
  std::string machine;
  std::string checks;
  std::string expected;
  std::string came;
  std::string log;
  int line = 0;
  std::string explanation;
  std::string hint;
  std::string handout;
  std::vector<std::string> waits_for;  // exercises that are still the starter's; so it was not run
  std::vector<std::string> fails_after;  // exercises that it needs and that fail tests of their own
  std::optional<bool>
      alone;  // whether it passes with the reference's code in all other exercises; nothing: not tried
  std::string console;    // the last lines of the console, of a test that failed
  std::string questions;  // the log of the questions to its subject, where that has ended
};

struct CheckpointResult {
  std::string name;
  std::string exercise;
  std::string test;
  std::optional<double> value;
  std::string unit;
  bool lower_is_better = true;
  double reference = 0;
  std::string band;  // empty when there is no value or it is outside of all bands
  int points = 0;
  int max_points = 0;
  std::string explanation;
  int tree_points = 0;                 // what the tree as a whole wins
  std::vector<std::string> waits_for;  // exercises that are still the starter's
  std::string
      alone_band;  // with the reference's code in all other exercises; empty: none, or not tried
};

struct ExerciseResult {
  std::string id;
  std::string title;
  int points = 0;
  int max_points = 0;
  bool solved = false;   // all its tests pass, in the tree as a whole or by themselves
  int tree_points = 0;   // what the tree as a whole wins
  bool answered = true;  // false: it is as it was in the starter
  std::string explanation =
      {};  // why it has other points than in the tree as a whole, or none; may be empty
};

// The points of one exercise of a submission with the reference's code in all others. Of such a run nothing else is
// kept.
struct Alone {
  std::string exercise;
  bool built = false;
  std::vector<std::string> passed;   // of the tests that ran again
  std::map<std::string, int> bands;  // checkpoint to the band that holds its value, 0 the best
};

// The facts around the tests; with the report and the records they are all a judgement needs.
struct RunFacts {
  std::string lab;
  std::string wall;                    // name_of(WallKind)
  Verdict verdict = Verdict::not_run;  // ok: the tests ran to the end. Else nothing of them counts
  std::string explanation;
  std::vector<std::string> build_errors;  // the first few
  std::vector<std::string> selected;      // tests asked for; empty means all
  std::vector<std::string> unanswered;    // exercises that are as they were in the starter
  std::vector<Alone> alone;  // exercises of a submission by themselves, where that could win points
  std::string seed;          // "0x" and 16 digits
  std::map<std::string, std::string> versions;
  std::string started;  // ISO 8601, UTC
  double seconds = 0;
};

struct Result {
  RunFacts facts;
  int lab_number = 0;
  std::string title;
  int score = 0;
  int max_score = 0;
  int tree_score = 0;  // of the tree as a whole
  std::vector<ExerciseResult> exercises;
  std::vector<TestResult> tests;
  std::vector<CheckpointResult> checkpoints;
  std::vector<std::string> notes;
};

}  // namespace sprat::grading
