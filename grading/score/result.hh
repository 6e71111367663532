// result.hh — the outcome of a grading: what RESULT.md describes, as C++ types.

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
};

struct ExerciseResult {
  std::string id;
  std::string title;
  int points = 0;
  int max_points = 0;
  bool solved = false;  // all its tests pass
};

// What happened around the tests; with the report and the records it is all a judgement needs.
struct RunFacts {
  std::string lab;
  std::string wall;  // name_of(WallKind)
  Verdict verdict = Verdict::not_run;  // ok: the tests ran to the end. Else nothing of them counts
  std::string explanation;
  std::vector<std::string> build_errors;  // the first few
  std::vector<std::string> selected;      // tests asked for; empty means all
  std::string seed;                       // "0x" and 16 digits
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
  std::vector<ExerciseResult> exercises;
  std::vector<TestResult> tests;
  std::vector<CheckpointResult> checkpoints;
  std::vector<std::string> notes;
};

}  // namespace sprat::grading
