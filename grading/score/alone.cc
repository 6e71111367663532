// alone.cc — see alone.hh.

#include "score/alone.hh"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "machine/run_directory.hh"
#include "score/job.hh"
#include "score/record.hh"
#include "score/score.hh"
#include "score/setup_error.hh"
#include "score/suite.hh"
#include "score/waiting.hh"

namespace sprat::grading {

namespace fs = std::filesystem;

namespace {

void add_once(std::vector<std::string>& names, const std::string& name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

// One exercise, in a folder that only the grader sees.
class Attempt {
 public:
  Attempt(const Grading& grading, const Manifest& manifest, const Submission& submission,
          const std::string& exercise)
      : grading_(grading), manifest_(manifest), submission_(submission) {
    alone_.exercise = exercise;
    fs::create_directories(results() / "logs");
  }

  // Nothing when the submission has nothing else that it could fail because of.
  std::optional<Alone> result(const std::vector<std::string>& tests, const RunFacts& whole) {
    const JobEnd staged = submission_.stage_alone(alone_.exercise, tree(), log());
    if (staged.how == JobEnd::How::exited && staged.number == kStageSameTree) return std::nullopt;
    if (staged.how != JobEnd::How::exited || staged.number != 0) cannot_run();
    const JobEnd built = run(submission_.building_alone(tree(), built_, grading_.compiler,
                                                        grading_.build_seconds, log()));
    if (built.how == JobEnd::How::interrupted) cannot_run();
    if (!built.ok()) return alone_;
    alone_.built = true;
    run_tests(tests, whole);
    return alone_;
  }

 private:
  fs::path tree() const { return folder_.path() / "tree"; }
  fs::path results() const { return folder_.path() / "results"; }
  fs::path log() const { return folder_.path() / "log"; }

  [[noreturn]] void cannot_run() const {
    throw SetupError(interrupted() != 0
                         ? "the grading was interrupted; grade again"
                         : fmt::format("{} cannot be tried by itself here; grade again",
                                       in_words({alone_.exercise})));
  }

  void run_tests(const std::vector<std::string>& tests, const RunFacts& whole) {
    try {
      run_suite(grading_, manifest_.lab,
                {tests, built_.artifacts(), results(), whole.seed, whole.wall});
    } catch (const std::exception&) {
      cannot_run();  // the words of the failure may be the submission's
    }
    RunFacts facts;
    facts.verdict = Verdict::ok;
    const Report report = report_in(results());
    const Records records = read_records(results());
    const auto passes = [&](const std::string& test) {
      return verdict_of(test, facts, report, records) == Verdict::ok;
    };
    for (const std::string& test : tests)
      if (manifest_.test(test) && passes(test)) alone_.passed.push_back(test);
    for (const Checkpoint& checkpoint : manifest_.checkpoints) {
      if (checkpoint.exercise != alone_.exercise || !passes(checkpoint.test)) continue;
      const auto& values = records.by_test.at(checkpoint.test).values;
      const auto value = values.find(checkpoint.name);
      if (value == values.end()) continue;
      if (const auto band = band_of(checkpoint, value->second))
        alone_.bands[checkpoint.name] = static_cast<int>(*band);
    }
  }

  const Grading& grading_;
  const Manifest& manifest_;
  const Submission& submission_;
  RunDirectory folder_;
  const WalledBuild built_{folder_.path() / "built"};
  Alone alone_;
};

}  // namespace

std::map<std::string, std::vector<std::string>> tests_to_try_alone(const Result& whole) {
  std::map<std::string, std::vector<std::string>> tests;
  const auto is_asked = [&](const std::string& test) {
    const auto& selected = whole.facts.selected;
    return selected.empty() || std::find(selected.begin(), selected.end(), test) != selected.end();
  };
  const auto is_answered = [&](const std::string& exercise) {
    const auto& unanswered = whole.facts.unanswered;
    return std::find(unanswered.begin(), unanswered.end(), exercise) == unanswered.end();
  };
  for (const TestResult& test : whole.tests)
    if (test.verdict != Verdict::ok && is_asked(test.name) && is_answered(test.exercise))
      add_once(tests[test.exercise], test.name);
  for (const CheckpointResult& checkpoint : whole.checkpoints)
    if (checkpoint.points < checkpoint.max_points && is_asked(checkpoint.test) &&
        is_answered(checkpoint.exercise))
      add_once(tests[checkpoint.exercise], checkpoint.test);
  return tests;
}

std::vector<Alone> try_alone(const Grading& grading, const Manifest& manifest, const Result& whole,
                             const Submission& submission) {
  std::vector<Alone> all;
  for (const auto& [exercise, tests] : tests_to_try_alone(whole)) {
    if (grading.on_step)
      grading.on_step(fmt::format("trying {} by itself, {} {} again", in_words({exercise}),
                                  tests.size(), tests.size() == 1 ? "test" : "tests"));
    if (auto alone = Attempt(grading, manifest, submission, exercise).result(tests, whole.facts))
      all.push_back(*std::move(alone));
  }
  return all;
}

}  // namespace sprat::grading
