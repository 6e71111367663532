// score_test.cc — a pass needs two witnesses, a checkpoint needs its tests, and no input breaks the
// arithmetic.

#include "score/score.hh"

#include <criterion/criterion.h>

#include <algorithm>
#include <cstdlib>
#include <random>
#include <string>

#include "score/json_files.hh"
#include "score/tests/toy_lab.hh"

namespace sprat::grading {
namespace {

constexpr int kScoreRounds = 2000;

Record passing_record(const std::string& test) {
  Record record;
  record.test = test;
  record.verdict = Verdict::ok;
  return record;
}

struct Evidence {
  Manifest manifest = toy_manifest();
  RunFacts facts;
  Report report;
  Records records;

  // Everything as it should be: 100 points.
  Evidence() {
    facts.lab = "toy";
    facts.verdict = Verdict::ok;
    for (const char* test : {"one.first", "one.second", "two.third", "measure.steps"}) {
      report[test] = {Outcome::passed, 0.25, ""};
      records.by_test[test] = passing_record(test);
    }
    records.by_test["measure.steps"].values["steps"] = 100;
  }

  Result result() const { return score(manifest, facts, report, records); }
  TestResult test(const std::string& name) const {
    const Result all = result();
    return *std::find_if(all.tests.begin(), all.tests.end(),
                         [&](const auto& test) { return test.name == name; });
  }
  CheckpointResult checkpoint() const { return result().checkpoints.front(); }
};

// Evidence with every part left out, doubled or contradicted at random.
Evidence random_evidence(std::mt19937& random) {
  Evidence evidence;
  const auto one_in = [&](unsigned n) { return random() % n == 0; };
  if (one_in(10)) evidence.facts.verdict = static_cast<Verdict>(random() % 17);
  if (one_in(5)) evidence.facts.selected = {"one.first"};
  for (auto& [test, reported] : evidence.report)
    if (one_in(3)) reported.outcome = static_cast<Outcome>(random() % 5);
  for (auto& [test, record] : evidence.records.by_test) {
    if (one_in(3)) record.verdict = static_cast<Verdict>(random() % 17);
    if (one_in(3)) record.values["steps"] = static_cast<double>(random() % 400);
  }
  for (const char* test : {"one.first", "one.second", "two.third", "measure.steps"}) {
    if (one_in(6)) evidence.report.erase(test);
    if (one_in(6)) evidence.records.by_test.erase(test);
  }
  if (one_in(4)) evidence.report["other.test"] = {Outcome::passed, 1, ""};
  if (one_in(4)) evidence.records.by_test["other.test"] = passing_record("other.test");
  return evidence;
}

}  // namespace

Test(score, gives_all_points_when_all_is_well) {
  const Result result = Evidence().result();
  cr_assert_eq(result.score, 100);
  cr_assert_eq(result.max_score, 100);
  cr_assert(result.notes.empty());
  cr_assert(result.exercises[0].solved && result.exercises[1].solved);
  cr_assert_float_eq(result.tests[0].seconds, 0.25, 1e-9);
}

Test(score, lets_the_worse_witness_win) {
  Evidence evidence;
  evidence.records.by_test["one.first"].verdict = Verdict::triple_fault;
  cr_expect_eq(evidence.test("one.first").verdict, Verdict::triple_fault);

  evidence = {};
  evidence.report["one.first"] = {Outcome::failed, 0.1, "expected 1, came 2"};
  cr_expect_eq(evidence.test("one.first").verdict, Verdict::wrong_answer);
  cr_expect_eq(evidence.test("one.first").came, "expected 1, came 2");

  evidence.report["one.first"].outcome = Outcome::crashed;
  cr_expect_eq(evidence.test("one.first").verdict, Verdict::crashed);
  evidence.report["one.first"].outcome = Outcome::timed_out;
  cr_expect_eq(evidence.test("one.first").verdict, Verdict::hang_silent);
  cr_expect_eq(evidence.test("one.first").points, 0);
}

Test(score, gives_nothing_for_a_test_with_one_witness) {
  Evidence evidence;
  evidence.records.by_test.erase("one.first");
  cr_expect_eq(evidence.test("one.first").verdict, Verdict::not_run);
  evidence = {};
  evidence.report.erase("one.first");
  cr_expect_eq(evidence.test("one.first").verdict, Verdict::not_run);
  evidence = {};
  evidence.report["one.first"].outcome = Outcome::skipped;
  cr_expect_eq(evidence.test("one.first").verdict, Verdict::not_run);
  cr_expect_eq(evidence.result().score, 50, "30 of the test and 20 of the checkpoint are lost");
}

Test(score, says_of_tests_not_asked_for_that_they_were_not) {
  Evidence evidence;
  evidence.facts.selected = {"one.first"};
  evidence.report["one.second"].outcome = Outcome::skipped;
  cr_expect_eq(evidence.test("one.second").explanation, "Not asked for in this run.");
}

Test(score, gives_nothing_when_the_run_did_not_end_well) {
  Evidence evidence;
  evidence.facts.verdict = Verdict::build_failed;
  evidence.facts.explanation = "It does not build.";
  const Result result = evidence.result();
  cr_assert_eq(result.score, 0);
  for (const TestResult& test : result.tests) {
    cr_assert_eq(test.verdict, Verdict::not_run);
    cr_assert_eq(test.explanation, "Not run. It does not build.");
  }
}

Test(score, ignores_records_of_unknown_tests_with_a_note) {
  Evidence evidence;
  evidence.records.by_test["one.extra"] = passing_record("one.extra");
  const Result result = evidence.result();
  cr_assert_eq(result.score, 100);
  cr_assert_eq(result.notes.size(), 1U);
  cr_assert_eq(result.notes[0],
               "The record of one.extra is ignored: the manifest has no such test.");
}

Test(score, puts_a_value_into_the_first_band_that_holds_it) {
  const auto points_for = [](double value) {
    Evidence evidence;
    evidence.records.by_test["measure.steps"].values["steps"] = value;
    return evidence.checkpoint().points;
  };
  cr_expect_eq(points_for(0), 20);
  cr_expect_eq(points_for(110), 20, "the edge is inside, although 100 * 1.1 is not 110 in binary");
  cr_expect_eq(points_for(111), 10);
  cr_expect_eq(points_for(300), 10);
  cr_expect_eq(points_for(301), 0);

  Evidence evidence;
  evidence.manifest.checkpoints[0].lower_is_better = false;
  evidence.manifest.checkpoints[0].bands = {{90, 20, "within 1.11x"}, {50, 10, "within 2.00x"}};
  evidence.records.by_test["measure.steps"].values["steps"] = 60;
  cr_expect_eq(evidence.checkpoint().points, 10);
}

Test(score, counts_a_checkpoint_only_when_its_exercises_are_solved) {
  Evidence evidence;
  evidence.records.by_test["one.second"].verdict = Verdict::panic;
  CheckpointResult checkpoint = evidence.checkpoint();
  cr_expect_eq(checkpoint.points, 0);
  cr_expect_eq(checkpoint.band, "within 1.10x");
  cr_expect_eq(checkpoint.explanation, "Counts when all tests of toy.1 pass.");

  evidence = {};
  evidence.records.by_test["measure.steps"].values.clear();
  checkpoint = evidence.checkpoint();
  cr_expect(!checkpoint.value);
  cr_expect_eq(checkpoint.points, 0);

  evidence = {};
  evidence.report["measure.steps"].outcome = Outcome::failed;
  checkpoint = evidence.checkpoint();
  cr_expect(!checkpoint.value, "a value of a test that failed is no value");
  cr_expect_eq(checkpoint.points, 0);
}

Test(score, stays_between_nothing_and_all_whatever_the_evidence) {
  const unsigned seed = test_seed();
  std::mt19937 random(seed);
  for (int round = 0; round < kScoreRounds; ++round) {
    const Result result = random_evidence(random).result();
    int sum = 0;
    for (const TestResult& test : result.tests) {
      cr_assert(test.points == 0 || test.points == test.max_points, "seed %u", seed);
      cr_assert((test.points > 0) == (test.verdict == Verdict::ok), "seed %u", seed);
      sum += test.points;
    }
    for (const CheckpointResult& checkpoint : result.checkpoints) sum += checkpoint.points;
    cr_assert_eq(result.score, sum, "seed %u", seed);
    cr_assert(result.score >= 0 && result.score <= result.max_score, "seed %u: score %d", seed,
              result.score);
  }
}

Test(score, never_rises_when_a_witness_is_taken_away) {
  const unsigned seed = test_seed();
  std::mt19937 random(seed);
  for (int round = 0; round < kScoreRounds; ++round) {
    Evidence evidence = random_evidence(random);
    const int before = evidence.result().score;
    for (const Test& test : evidence.manifest.tests) {
      Evidence less = evidence;
      if (random() % 2)
        less.report.erase(test.name);
      else
        less.records.by_test.erase(test.name);
      cr_assert(less.result().score <= before, "seed %u: losing %s raises the score", seed,
                test.name.c_str());
    }
  }
}

Test(score, is_the_same_each_of_20_times) {
  const unsigned seed = test_seed();
  std::mt19937 random(seed);
  const Evidence evidence = random_evidence(random);
  const std::string first = to_json(evidence.result());
  for (int round = 0; round < 20; ++round)
    cr_assert_eq(to_json(evidence.result()), first, "seed %u", seed);
}

// Exercise 1 is wrong, so 2, which needs 1, fails, and 3, which needs 2, as well.
Test(score, blames_no_exercise_that_is_right_by_itself) {
  Evidence evidence;
  evidence.manifest.exercises.push_back({"toy.3", "Third steps", 0, ""});
  evidence.manifest.tests.push_back({"three.fourth", "toy.3", 10, {"toy.2"}, {}, "host", "", ""});
  for (const char* test : {"one.first", "two.third", "three.fourth"}) {
    evidence.report[test] = {Outcome::failed, 0.25, ""};
    evidence.records.by_test[test] = passing_record(test);
    evidence.records.by_test[test].verdict = Verdict::wrong_answer;
  }
  evidence.facts.alone = {{"toy.1", true, {}, {}},
                          {"toy.2", true, {"two.third"}, {}},
                          {"toy.3", true, {"three.fourth"}, {}}};
  const std::vector<std::string> first = {"toy.1"};
  Evidence undeclared = evidence;
  for (Test& test : undeclared.manifest.tests)
    if (test.name == "two.third") test.needs.clear();
  const std::string says = undeclared.result().exercises[2].explanation;
  cr_expect_neq(says.find(" because of exercise 1: +"), std::string::npos, "%s", says.c_str());
  cr_expect(evidence.test("one.first").fails_after.empty());
  cr_expect(evidence.test("two.third").fails_after == first);
  cr_expect(evidence.test("three.fourth").fails_after == first);
  for (const std::size_t exercise : {1U, 2U})
    cr_expect_neq(
        evidence.result().exercises[exercise].explanation.find(" because of exercise 1: +"),
        std::string::npos, "%s", evidence.result().exercises[exercise].explanation.c_str());
}

// Criterion reports the tests that a filter leaves out as skipped, or not at all.
Test(score, test_of_an_unanswered_exercise_waits_also_if_it_is_reported_as_skipped) {
  for (const bool is_reported : {false, true}) {
    Evidence evidence;
    evidence.facts.unanswered = {"toy.2"};
    evidence.records.by_test.erase("two.third");
    evidence.report.erase("two.third");
    if (is_reported) evidence.report["two.third"] = {Outcome::skipped, 0, ""};
    const TestResult test = evidence.test("two.third");
    cr_expect(test.waits_for == std::vector<std::string>{"toy.2"}, "reported: %d", is_reported);
    cr_expect_eq(test.explanation, "Its exercise is not answered yet.", "%s",
                 test.explanation.c_str());
    cr_expect_eq(test.points, 0);
  }
}

}  // namespace sprat::grading
