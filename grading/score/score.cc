// score.cc — a pass needs two witnesses: Criterion, and the record the test left.

#include "score/score.hh"

#include <algorithm>
#include <set>

#include "score/waiting.hh"

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

// Returns whether the test ran. The report names the ones that the filter left out as well, as skipped.
bool was_run(const Witnesses& seen) {
  return seen.reported && seen.reported->outcome != Outcome::skipped;
}

// Why what belongs to `exercise` is not tested.
std::string waiting(const std::string& exercise, const std::vector<std::string>& waits) {
  if (is_among(waits, exercise)) return "Its exercise is not answered yet.";
  return "Waits for " + in_words(waits) + (waits.size() == 1 ? ", which is" : ", which are") +
         " not answered yet.";
}

Judgement unreported(const RunFacts& facts, const std::string& name) {
  if (facts.verdict != Verdict::ok) return {Verdict::not_run, "Not run. " + facts.explanation};
  if (!facts.selected.empty() && !is_among(facts.selected, name))
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
  if (facts.verdict != Verdict::ok || !was_run(seen)) return unreported(facts, name);
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
    for (const Alone& alone : facts_.alone)
      if (alone.built && facts_.verdict == Verdict::ok) alone_.emplace(alone.exercise, &alone);
    for (const Test& test : manifest_.tests) {
      if (judge_named(test.name).verdict == Verdict::ok) continue;
      unsolved_.insert(test.exercise);
      if (has_failed(test.name)) failing_.insert(test.exercise);
      if (!passes_alone(test)) unsolved_alone_.insert(test.exercise);
    }
    for (const Test& test : manifest_.tests) result.tests.push_back(test_result(test));
    for (const Checkpoint& checkpoint : manifest_.checkpoints)
      result.checkpoints.push_back(checkpoint_result(checkpoint));
    for (const Exercise& exercise : manifest_.exercises)
      result.exercises.push_back(exercise_result(exercise, result));
    for (const ExerciseResult& exercise : result.exercises) {
      result.score += exercise.points;
      result.tree_score += exercise.tree_points;
    }
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

  // It ran, and did not pass.
  bool has_failed(const std::string& test) const {
    const Witnesses seen = witnesses(test);
    return facts_.verdict == Verdict::ok && was_run(seen) &&
           judge_named(test).verdict != Verdict::ok;
  }

  const Alone* alone(const std::string& exercise) const {
    const auto found = alone_.find(exercise);
    return found == alone_.end() ? nullptr : found->second;
  }

  bool passes_alone(const Test& test) const {
    const Alone* const by_itself = alone(test.exercise);
    return by_itself && is_among(by_itself->passed, test.name);
  }

  // All exercises that tests of these exercises need, directly or through others.
  std::set<std::string> with_their_needs(std::set<std::string> exercises) const {
    for (std::size_t before = 0; before != exercises.size();) {
      before = exercises.size();
      for (const Test& test : manifest_.tests)
        if (exercises.contains(test.exercise))
          exercises.insert(test.needs.begin(), test.needs.end());
    }
    return exercises;
  }

  // Which of the `wrong` exercises explain a failure of `exercise`, in the manifest's order: the ones that it needs
  // directly, or else the ones behind them.
  std::vector<std::string> culprits(const std::string& exercise,
                                    const std::set<std::string>& needed,
                                    const std::set<std::string>& wrong) const {
    std::vector<std::string> found;
    for (const std::set<std::string>& circle : {needed, with_their_needs(needed)}) {
      for (const Exercise& known : manifest_.exercises)
        if (known.id != exercise && circle.contains(known.id) && wrong.contains(known.id))
          found.push_back(known.id);
      if (!found.empty()) break;
    }
    return found;
  }

  // Returns `exercises` without the ones that are right by themselves: they explain no failure of another exercise.
  std::set<std::string> without_the_right(std::set<std::string> exercises) const {
    std::erase_if(exercises, [&](const std::string& id) {
      return alone(id) && !unsolved_alone_.contains(id);
    });
    return exercises;
  }

  // Of a test that fails: the exercises to look at first. Exercises that are right by themselves do not count.
  std::vector<std::string> fails_after(const Test& test) const {
    const std::set<std::string> needed(test.needs.begin(), test.needs.end());
    const std::set<std::string> wrong = without_the_right(failing_);
    const bool has_company = std::any_of(
        test.needs.begin(), test.needs.end(),
        [&](const std::string& id) { return id != test.exercise && failing_.contains(id); });
    return has_company ? culprits(test.exercise, needed, wrong) : std::vector<std::string>();
  }

  TestResult test_result(const Test& test) const {
    const Witnesses seen = witnesses(test.name);
    Judgement judgement = judge(seen, facts_, test.name);
    TestResult result;
    if (facts_.verdict == Verdict::ok && !was_run(seen) &&
        (facts_.selected.empty() || is_among(facts_.selected, test.name)))
      result.waits_for = waits_for(test.exercise, test.needs, facts_.unanswered);
    if (!result.waits_for.empty()) judgement.explanation = waiting(test.exercise, result.waits_for);
    if (has_failed(test.name)) {
      result.fails_after = fails_after(test);
      if (alone(test.exercise)) result.alone = passes_alone(test);
    } else if (!result.waits_for.empty() && alone(test.exercise)) {
      result.alone = passes_alone(test);
    }
    result.name = test.name;
    result.exercise = test.exercise;
    result.verdict = judgement.verdict;
    result.points = judgement.verdict == Verdict::ok || passes_alone(test) ? test.points : 0;
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
      result.questions = seen.record->questions;
      result.line = seen.record->line;
    }
    if (judgement.verdict != Verdict::ok && result.came.empty() && seen.reported)
      result.came = seen.reported->detail;
    return result;
  }

  CheckpointResult checkpoint_result(const Checkpoint& checkpoint) const {
    CheckpointResult result = in_the_tree(checkpoint);
    result.tree_points = result.points;
    const Alone* const by_itself = alone(checkpoint.exercise);
    if (!by_itself) return result;
    const auto band = by_itself->bands.find(checkpoint.name);
    if (band == by_itself->bands.end() ||
        static_cast<std::size_t>(band->second) >= checkpoint.bands.size())
      return result;
    const Band& held = checkpoint.bands[static_cast<std::size_t>(band->second)];
    result.alone_band = held.says;
    if (!unsolved_alone_.contains(checkpoint.exercise))
      result.points = std::max(result.points, held.points);
    return result;
  }

  CheckpointResult in_the_tree(const Checkpoint& checkpoint) const {
    CheckpointResult result;
    result.name = checkpoint.name;
    result.exercise = checkpoint.exercise;
    result.test = checkpoint.test;
    result.unit = checkpoint.unit;
    result.lower_is_better = checkpoint.lower_is_better;
    result.reference = checkpoint.reference;
    result.max_points = checkpoint.max_points();

    const Judgement judgement = judge_named(checkpoint.test);
    if (facts_.verdict == Verdict::ok)
      result.waits_for = waits_for(checkpoint.exercise, checkpoint.needs, facts_.unanswered);
    if (!result.waits_for.empty()) {
      result.explanation = waiting(checkpoint.exercise, result.waits_for);
      return result;
    }
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
    if (const auto held = band_of(checkpoint, *result.value)) {
      const Band& band = checkpoint.bands[*held];
      result.band = band.says;
      if (open.empty()) result.points = band.points;
    }
    if (result.band.empty() && open.empty()) result.explanation = "Outside of all bands.";
    return result;
  }

  // "boot.1, boot.2": the exercises that a checkpoint waits for; empty when its value counts.
  std::string open_exercises(const Checkpoint& checkpoint) const {
    std::vector<std::string> wanted = checkpoint.needs;
    wanted.insert(wanted.begin(), checkpoint.exercise);
    std::string open;
    for (const std::string& id : wanted)
      if (unsolved_.contains(id)) open += (open.empty() ? "" : ", ") + id;
    return open;
  }

  ExerciseResult exercise_result(const Exercise& exercise, const Result& result) const {
    ExerciseResult sum;
    sum.id = exercise.id;
    sum.title = exercise.title;
    sum.max_points = exercise.points;
    sum.solved = !unsolved_alone_.contains(exercise.id);
    sum.answered = !is_among(facts_.unanswered, exercise.id);
    for (const TestResult& test : result.tests) {
      if (test.exercise != exercise.id) continue;
      sum.points += test.points;
      if (test.verdict == Verdict::ok) sum.tree_points += test.points;
    }
    for (const CheckpointResult& checkpoint : result.checkpoints) {
      if (checkpoint.exercise != exercise.id) continue;
      sum.points += checkpoint.points;
      sum.tree_points += checkpoint.tree_points;
    }
    sum.explanation = explanation(sum, result);
    return sum;
  }

  // The explanation of an exercise as a whole.
  std::string explanation(const ExerciseResult& exercise, const Result& result) const {
    if (facts_.verdict != Verdict::ok) return "";
    if (!exercise.answered) return "Not answered yet.";
    for (const Alone& alone : facts_.alone)
      if (alone.exercise == exercise.id && !alone.built)
        return "It could not be tried by itself: it does not build with the reference's code in "
               "the other exercises. A helper belongs into a file of its own exercise.";
    const int gained = exercise.points - exercise.tree_points;
    if (gained == 0) return "";
    const std::string says = exercise.points == exercise.max_points
                                 ? "Right by itself; it failed only"
                                 : "Better by itself; it failed more tests";
    return says + " because of " + cause(exercise.id, result) + ": +" + std::to_string(gained) +
           ".";
  }

  // The other exercises because of which an exercise passes tests only by itself: the ones that its tests need and that
  // are wrong by themselves, or else that fail in the tree; or else, as a need may be undeclared, any wrong ones.
  std::string cause(const std::string& exercise, const Result& result) const {
    std::set<std::string> needed;
    for (const TestResult& test : result.tests)
      if (test.exercise == exercise && test.alone.value_or(false) && test.verdict != Verdict::ok)
        needed.insert(manifest_.test(test.name)->needs.begin(),
                      manifest_.test(test.name)->needs.end());
    for (std::size_t i = 0; i < result.checkpoints.size(); ++i)
      if (result.checkpoints[i].exercise == exercise &&
          result.checkpoints[i].points > result.checkpoints[i].tree_points)
        needed.insert(manifest_.checkpoints[i].needs.begin(), manifest_.checkpoints[i].needs.end());
    std::set<std::string> any;
    for (const Exercise& known : manifest_.exercises) any.insert(known.id);
    const std::set<std::string> unsolved = without_the_right(unsolved_);
    for (const auto& [circle, wrong] :
         {std::pair(needed, unsolved_alone_), std::pair(needed, unsolved),
          std::pair(any, unsolved_alone_), std::pair(any, unsolved)}) {
      const std::vector<std::string> causes = culprits(exercise, circle, wrong);
      if (!causes.empty()) return in_words(causes);
    }
    return "the other exercises";
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
  std::map<std::string, const Alone*> alone_;  // by exercise
  std::set<std::string> unsolved_;        // exercises with a test that does not pass in the tree
  std::set<std::string> failing_;         // with one that ran, and did not
  std::set<std::string> unsolved_alone_;  // with one that passes neither there nor by itself
};

}  // namespace

std::optional<std::size_t> band_of(const Checkpoint& checkpoint, double value) {
  for (std::size_t i = 0; i < checkpoint.bands.size(); ++i) {
    const double limit = checkpoint.bands[i].limit;
    const bool inside = checkpoint.lower_is_better ? value <= limit * kRoundingSlack
                                                   : value * kRoundingSlack >= limit;
    if (inside) return i;
  }
  return std::nullopt;
}

Verdict verdict_of(const std::string& test, const RunFacts& facts, const Report& report,
                   const Records& records) {
  const auto reported = report.find(test);
  const auto record = records.by_test.find(test);
  return judge({reported == report.end() ? nullptr : &reported->second,
                record == records.by_test.end() ? nullptr : &record->second},
               facts, test)
      .verdict;
}

Result score(const Manifest& manifest, const RunFacts& facts, const Report& report,
             const Records& records) {
  return Judge(manifest, facts, report, records).result();
}

}  // namespace sprat::grading
