// score.cc — a pass needs two witnesses: Criterion, and the record the test left.

#include "score/score.hh"

#include <algorithm>
#include <set>

namespace sprat::grading {
namespace {

// A value on the edge of a band is inside, whatever `reference * factor` rounds to.
constexpr double kRoundingSlack = 1 + 1e-9;

struct Witnesses {
  const ReportedTest* reported;  // null: the report does not name the test
  const Record* record;          // null: the test left none
};

struct Judgement {
  Verdict verdict;
  std::string explanation;
};

Judgement unreported(const RunFacts& facts, const std::string& name) {
  if (facts.verdict != Verdict::ok) return {Verdict::not_run, "Not run. " + facts.explanation};
  const auto& selected = facts.selected;
  if (!selected.empty() && std::find(selected.begin(), selected.end(), name) == selected.end())
    return {Verdict::not_run, "Not asked for in this run."};
  return {Verdict::not_run,
          "The test binary knows no such test or skipped it; the manifest and it disagree."};
}

Judgement failed_without_reason(const ReportedTest& reported) {
  switch (reported.outcome) {
    case Outcome::crashed:
      return {Verdict::crashed, "The test itself crashed before it could say why."};
    case Outcome::timed_out:
      return {Verdict::hang_silent,
              "The test was stopped by its time limit before it could say why."};
    default: return {Verdict::wrong_answer, std::string(meaning_of(Verdict::wrong_answer))};
  }
}

Judgement judge(const Witnesses& seen, const RunFacts& facts, const std::string& name) {
  if (facts.verdict != Verdict::ok || !seen.reported || seen.reported->outcome == Outcome::skipped)
    return unreported(facts, name);
  if (seen.record && seen.record->verdict != Verdict::ok)
    return {seen.record->verdict, seen.record->explain.empty()
                                      ? std::string(meaning_of(seen.record->verdict))
                                      : seen.record->explain};
  if (seen.reported->outcome != Outcome::passed) return failed_without_reason(*seen.reported);
  if (!seen.record)
    return {Verdict::not_run,
            "The test ended without leaving a record, so its pass does not count."};
  return {Verdict::ok, ""};
}

class Judge {
 public:
  Judge(const Manifest& manifest, const RunFacts& facts, const Report& report,
        const Records& records)
      : manifest_(manifest), facts_(facts), report_(report), records_(records) {}

  Result result() {
    Result result;
    result.facts = facts_;
    result.lab_number = manifest_.number;
    result.title = manifest_.title;
    result.max_score = manifest_.max_points();
    for (const Test& test : manifest_.tests) result.tests.push_back(test_result(test));
    for (const Test& test : manifest_.tests)
      if (judge_named(test.name).verdict != Verdict::ok) unsolved_.insert(test.exercise);
    for (const Checkpoint& checkpoint : manifest_.checkpoints)
      result.checkpoints.push_back(checkpoint_result(checkpoint));
    for (const Exercise& exercise : manifest_.exercises)
      result.exercises.push_back(exercise_result(exercise, result));
    for (const ExerciseResult& exercise : result.exercises) result.score += exercise.points;
    result.notes = notes();
    return result;
  }

 private:
  Witnesses witnesses(const std::string& name) const {
    const auto reported = report_.find(name);
    const auto record = records_.by_test.find(name);
    return {reported == report_.end() ? nullptr : &reported->second,
            record == records_.by_test.end() ? nullptr : &record->second};
  }

  Judgement judge_named(const std::string& name) const {
    return judge(witnesses(name), facts_, name);
  }

  TestResult test_result(const Test& test) const {
    const Witnesses seen = witnesses(test.name);
    const Judgement judgement = judge(seen, facts_, test.name);
    TestResult result;
    result.name = test.name;
    result.exercise = test.exercise;
    result.verdict = judgement.verdict;
    result.points = judgement.verdict == Verdict::ok ? test.points : 0;
    result.max_points = test.points;
    result.machine = test.machine;
    result.checks = test.checks;
    result.hint = test.hint;
    result.handout = manifest_.exercise(test.exercise)->handout;
    result.explanation = judgement.explanation;
    if (facts_.verdict != Verdict::ok) return result;
    if (seen.reported) result.seconds = seen.reported->seconds;
    if (seen.record) {
      result.expected = seen.record->expected;
      result.came = seen.record->came;
      result.log = seen.record->log;
      result.line = seen.record->line;
    }
    if (judgement.verdict != Verdict::ok && result.came.empty() && seen.reported)
      result.came = seen.reported->detail;
    return result;
  }

  CheckpointResult checkpoint_result(const Checkpoint& checkpoint) const {
    CheckpointResult result;
    result.name = checkpoint.name;
    result.exercise = checkpoint.exercise;
    result.test = checkpoint.test;
    result.unit = checkpoint.unit;
    result.lower_is_better = checkpoint.lower_is_better;
    result.reference = checkpoint.reference;
    result.max_points = checkpoint.max_points();

    const Judgement judgement = judge_named(checkpoint.test);
    if (judgement.verdict != Verdict::ok) {
      result.explanation = "Not measured: " + checkpoint.test + " did not pass (" +
                           std::string(name_of(judgement.verdict)) + "). " + judgement.explanation;
      return result;
    }
    const Record& record = *witnesses(checkpoint.test).record;
    const auto value = record.values.find(checkpoint.name);
    if (value == record.values.end()) {
      result.explanation = "Not measured: " + checkpoint.test + " recorded no value of that name.";
      return result;
    }
    result.value = value->second;
    const std::string open = open_exercises(checkpoint);
    if (!open.empty()) result.explanation = "Counts when all tests of " + open + " pass.";
    for (const Band& band : checkpoint.bands) {
      const bool inside = checkpoint.lower_is_better ? *result.value <= band.limit * kRoundingSlack
                                                     : *result.value * kRoundingSlack >= band.limit;
      if (!inside) continue;
      result.band = band.says;
      if (open.empty()) result.points = band.points;
      break;
    }
    if (result.band.empty() && open.empty()) result.explanation = "Outside of all bands.";
    return result;
  }

  // "boot.1, boot.2": what a checkpoint waits for; empty when its value counts.
  std::string open_exercises(const Checkpoint& checkpoint) const {
    std::vector<std::string> wanted = checkpoint.needs;
    wanted.insert(wanted.begin(), checkpoint.exercise);
    std::string open;
    for (const std::string& id : wanted)
      if (unsolved_.contains(id)) open += (open.empty() ? "" : ", ") + id;
    return open;
  }

  ExerciseResult exercise_result(const Exercise& exercise, const Result& result) const {
    ExerciseResult sum{exercise.id, exercise.title, 0, exercise.points,
                       !unsolved_.contains(exercise.id)};
    for (const TestResult& test : result.tests)
      if (test.exercise == exercise.id) sum.points += test.points;
    for (const CheckpointResult& checkpoint : result.checkpoints)
      if (checkpoint.exercise == exercise.id) sum.points += checkpoint.points;
    return sum;
  }

  std::vector<std::string> notes() const {
    std::vector<std::string> notes = records_.notes;
    for (const auto& [name, record] : records_.by_test) {
      const bool measures =
          std::any_of(manifest_.checkpoints.begin(), manifest_.checkpoints.end(),
                      [&](const Checkpoint& checkpoint) { return checkpoint.test == name; });
      if (!measures && !manifest_.test(name))
        notes.push_back("The record of " + name + " is ignored: the manifest has no such test.");
    }
    return notes;
  }

  const Manifest& manifest_;
  const RunFacts& facts_;
  const Report& report_;
  const Records& records_;
  std::set<std::string> unsolved_;
};

}  // namespace

Result score(const Manifest& manifest, const RunFacts& facts, const Report& report,
             const Records& records) {
  return Judge(manifest, facts, report, records).result();
}

}  // namespace sprat::grading
