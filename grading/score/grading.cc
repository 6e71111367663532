// grading.cc — build, run, judge, write.

#include "score/grading.hh"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <optional>
#include <set>
#include <utility>

#include "score/alone.hh"
#include "score/build_log.hh"
#include "score/consoles.hh"
#include "score/files.hh"
#include "score/job.hh"
#include "score/json_files.hh"
#include "score/out_folder.hh"
#include "score/record.hh"
#include "score/score.hh"
#include "score/setup_error.hh"
#include "score/submission.hh"
#include "score/suite.hh"
#include "score/versions.hh"
#include "score/waiting.hh"
#include "score/walled_build.hh"

namespace sprat::grading {

namespace fs = std::filesystem;

namespace {

std::string now_utc() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

void check_selection(const std::vector<std::string>& only, const Manifest& manifest) {
  std::set<std::string> known;
  for (const Exercise& exercise : manifest.exercises)
    for (const std::string& test : tests_of(manifest, exercise.id)) known.insert(test);
  for (const std::string& test : only)
    if (!known.contains(test))
      throw SetupError(fmt::format("lab {} has no test `{}`; its tests are: {}", manifest.lab, test,
                                   fmt::join(known, ", ")));
}

Result judged_in(const fs::path& out, const Manifest& manifest, const RunFacts& facts) {
  Result result = score(manifest, facts, report_in(out), read_records(out));
  add_consoles(result, out);
  return result;
}

class Run {
 public:
  Run(const Grading& grading, const Manifest& manifest) : grading_(grading), manifest_(manifest) {
    facts_.lab = manifest.lab;
    facts_.seed = fmt::format("{:#018x}", grading.seed);
    facts_.selected = grading.only;
    facts_.started = now_utc();
  }

  Result result() {
    const OutFolder folder(grading_.out, [&] {
      step("waiting for another grading that writes to " + grading_.out.string());
    });
    folder.clear();
    check_setup();
    wall_ = grading_.wall ? *grading_.wall : Wall::found();
    facts_.wall = name_of(wall_.kind());
    const auto begin = std::chrono::steady_clock::now();
    if (const auto artifacts = build()) {
      facts_.unanswered = unanswered();
      run_tests(*artifacts);
    }
    facts_.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    if (submission_ && facts_.verdict == Verdict::ok)
      facts_.alone = try_alone(grading_, manifest_, judged(), *submission_);
    const Result result = judged();
    write_files(result);
    return result;
  }

 private:
  void step(std::string_view text) const {
    if (grading_.on_step) grading_.on_step(text);
  }

  // Reports mistakes that can be found before the build.
  void check_setup() {
    check_selection(grading_.only, manifest_);
    facts_.versions = tool_versions(words_of_compiler(grading_.compiler));
    std::error_code error;
    if (!fs::is_regular_file(grading_.tests, error))
      throw SetupError(grading_.tests.string() +
                       " is no program; build the lab's test binary first");
    const fs::path& submission = grading_.submission;
    if (submission.empty()) return;
    if (!fs::is_directory(submission, error))
      throw SetupError(submission.string() +
                       (fs::exists(submission, error) ? " is no folder" : " does not exist") +
                       "; name the folder of a submission");
    fs::directory_iterator(submission, error);
    if (error)
      throw SetupError(submission.string() + " cannot be read: " + error.message() +
                       "; correct its permissions");
  }

  std::vector<std::string> unanswered() const {
    if (submission_) return submission_->unanswered();
    return unanswered_in(grading_.root, grading_.root / "scripts" / "unanswered",
                         grading_.out / "logs");
  }

  void conclude(Verdict verdict, std::string explanation) {
    facts_.verdict = verdict;
    facts_.explanation = std::move(explanation);
  }

  // The folder of the artifacts; nothing, with verdict and explanation set, when the graded code is why they could not be
  // made.
  std::optional<fs::path> build() {
    if (!grading_.submission.empty()) {
      step("putting the submission into a clean tree");
      submission_.emplace(grading_.root, grading_.stage, manifest_.lab, grading_.submission,
                          grading_.out / "logs", wall_, grading_.goal);
      if (!stage()) return std::nullopt;
      step(building());
      begin_with_starter();
      const Job job = submission_->building(grading_.compiler, grading_.build_seconds);
      if (const JobEnd end = run(job); !end.ok()) {
        expect_starter_to_build(end, job);
        return failed(job, end, Verdict::build_failed);
      }
      return submission_->artifacts();
    }
    step(building());
    bool first = true;
    for (const std::vector<std::string>& command : grading_.build) {
      Job job;
      job.command.arguments = command;
      job.command.folder = grading_.root;
      job.log = grading_.out / "logs" / "build.log";
      job.adds_to_log = !std::exchange(first, false);
      job.most_seconds = grading_.build_seconds;
      if (const JobEnd end = run(job); !end.ok()) {
        if (const std::string line = trouble_in(job); !line.empty()) cannot_build(line, job);
        return failed(job, end, Verdict::build_failed);
      }
    }
    return grading_.tree.empty() ? grading_.artifacts : build_tree();
  }

  // Files that the answers do not change have been compiled before.
  void begin_with_starter() {
    if (grading_.prebuilt.empty()) return;
    expect_starter_to_stage();
    submission_->begin_with(Prebuilt(grading_.prebuilt), grading_.compiler, grading_.build_seconds,
                            [&] { step("waiting for another grading that builds the starter"); });
  }

  std::optional<fs::path> build_tree() {
    const WalledBuild built(grading_.place);
    const Job job =
        built.job(grading_.tree, wall_, grading_.compiler, grading_.jobs, grading_.build_seconds,
                  grading_.out / "logs" / "build.log", grading_.goal);
    if (const JobEnd end = run(job); !end.ok()) {
      if (const std::string line = trouble_in(job); !line.empty()) cannot_build(line, job);
      return failed(job, end, Verdict::build_failed);
    }
    return built.artifacts();
  }

  std::string building() const {
    return wall_.kind() == WallKind::none ? "building without a wall, as asked for" : "building";
  }

  // True when all went well; otherwise says in the facts what did not.
  bool stage() {
    const Job job = submission_->staging();
    const JobEnd end = run(job);
    if (end.ok()) return true;
    stop_if_interrupted(end, job);
    const bool refused = end.how == JobEnd::How::exited && end.number == kStageRefuses;
    if (!refused)
      throw SetupError(
          fmt::format("{} {}:\n{}", grading_.stage.string(), describe(end, job), log_of(job)));
    expect_starter_to_stage();
    failed(job, end, Verdict::broken_submission);
    return false;
  }

  void expect_starter_to_stage() {
    if (starter_is_staged_) return;
    const Job starter = submission_->starter_staging();
    const JobEnd end = run(starter);
    stop_if_interrupted(end, starter);
    if (!end.ok())
      throw SetupError(fmt::format("{} cannot make even the starter of this lab:\n{}",
                                   grading_.stage.string(), log_of(starter)));
    starter_is_staged_ = true;
  }

  // A submission is blamed for a build that fails only when the starter does build, here and now.
  void expect_starter_to_build(const JobEnd& end, const Job& job) {
    stop_if_interrupted(end, job);
    step("building the starter, to see whether the submission is at fault");
    expect_starter_to_stage();
    const Job starter = submission_->starter_building(grading_.compiler, grading_.build_seconds);
    const JobEnd end_of_starter = run(starter);
    stop_if_interrupted(end_of_starter, starter);
    if (end_of_starter.ok()) return;
    std::string line = trouble_in(starter);
    if (line.empty()) line = "the build " + describe(end_of_starter, starter);
    throw SetupError(fmt::format("not even the starter of this lab can be built here: {}; see {}",
                                 line, starter.log.string()));
  }

  static std::string log_of(const Job& job) { return read_file(job.log).value_or(""); }
  static std::string trouble_in(const Job& job) { return trouble_in_build_log(log_of(job)); }

  [[noreturn]] static void cannot_build(const std::string& line, const Job& job) {
    throw SetupError(fmt::format("the build cannot run here: {}; see {}", line, job.log.string()));
  }

  std::nullopt_t failed(const Job& job, const JobEnd& end, Verdict verdict) {
    stop_if_interrupted(end, job);
    const char* const what = verdict == Verdict::build_failed ? "The build" : "The staging";
    BuildFailure failure = read_build_log(log_of(job));
    if (verdict == Verdict::build_failed) verdict = failure.verdict;
    facts_.build_errors = std::move(failure.errors);
    conclude(verdict, std::string(meaning_of(verdict)));
    if (end.how != JobEnd::How::exited)
      facts_.explanation += fmt::format(" {} {}.", what, describe(end, job));
    return std::nullopt;
  }

  void run_tests(const fs::path& artifacts) {
    const std::vector<std::string> tests =
        tests_to_run(manifest_, grading_.only, facts_.unanswered);
    const bool all = grading_.only.empty() && facts_.unanswered.empty();
    if (!tests.empty()) {
      step("running the tests");
      run_suite(grading_, manifest_.lab,
                {all ? std::vector<std::string>() : tests, artifacts, grading_.out, facts_.seed,
                 facts_.wall, [&] { follow(grading_.out); }});
      follow(grading_.out);
    }
    conclude(Verdict::ok, "The tests ran to the end.");
  }

  // Announces records that have appeared since the last time. A record still being written is seen
  // the next time. Each is read once: a grading looks ten times a second.
  void follow(const fs::path& out) {
    if (!grading_.on_finished) return;
    for (const fs::path& file : record_files(out)) {
      std::string ignored;
      if (seen_.contains(file.stem())) continue;
      if (const auto record = read_record(file, ignored)) {
        seen_.insert(record->test);
        grading_.on_finished(record->test, record->verdict);
      }
    }
  }

  Result judged() const { return judged_in(grading_.out, manifest_, facts_); }

  void write_files(const Result& result) const {
    write_file(grading_.out / kFactsFile, to_json(facts_));
    write_file(grading_.out / kResultFile, to_json(result));
  }

  const Grading& grading_;
  const Manifest& manifest_;
  RunFacts facts_;
  Wall wall_ = Wall::of(WallKind::none);  // until it is known
  std::optional<Submission> submission_;
  bool starter_is_staged_ = false;
  std::set<std::string> seen_;
};

}  // namespace

Result grade(const Grading& grading, const Manifest& manifest) {
  return Run(grading, manifest).result();
}

Result judge_again(const fs::path& out, const Manifest& manifest) {
  if (!fs::is_directory(out))
    throw SetupError(out.string() + " is no folder; grade first, then judge again");
  const OutFolder folder(out, [] {});
  const RunFacts facts = read_facts(out / kFactsFile);
  if (facts.lab != manifest.lab)
    throw SetupError(
        fmt::format("{} was graded as lab {}, not {}", out.string(), facts.lab, manifest.lab));
  const Result result = judged_in(out, manifest, facts);
  write_file(out / kResultFile, to_json(result));
  return result;
}

std::vector<std::string> checkpoint_tests(const Manifest& manifest) {
  std::vector<std::string> tests;
  for (const Checkpoint& checkpoint : manifest.checkpoints)
    if (std::find(tests.begin(), tests.end(), checkpoint.test) == tests.end())
      tests.push_back(checkpoint.test);
  return tests;
}

std::vector<std::string> tests_of(const Manifest& manifest, const std::string& exercise) {
  if (!manifest.exercise(exercise)) {
    std::vector<std::string> ids;
    for (const Exercise& known : manifest.exercises) ids.push_back(known.id);
    throw SetupError(fmt::format("lab {} has no exercise `{}`; its exercises are: {}", manifest.lab,
                                 exercise, fmt::join(ids, ", ")));
  }
  std::vector<std::string> tests;
  for (const Test& test : manifest.tests)
    if (test.exercise == exercise) tests.push_back(test.name);
  for (const Checkpoint& checkpoint : manifest.checkpoints)
    if (checkpoint.exercise == exercise &&
        std::find(tests.begin(), tests.end(), checkpoint.test) == tests.end())
      tests.push_back(checkpoint.test);
  return tests;
}

}  // namespace sprat::grading
