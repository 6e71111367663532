// grading.cc — build, run, judge, write.

#include "score/grading.hh"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <optional>
#include <set>

#include "machine/load.hh"
#include "machine/sandbox.hh"
#include "score/build_log.hh"
#include "score/files.hh"
#include "score/job.hh"
#include "score/json_files.hh"
#include "score/record.hh"
#include "score/score.hh"
#include "score/setup_error.hh"
#include "score/submission.hh"
#include "score/tap_report.hh"
#include "score/versions.hh"

namespace sprat::grading {

namespace fs = std::filesystem;

namespace {

constexpr const char* kResultFile = "result.json";
constexpr const char* kFactsFile = "run.json";
constexpr const char* kTapFile = "criterion.tap";
constexpr const char* kJunitFile = "criterion.xml";
constexpr const char* kJsonFile = "criterion.json";

std::string now_utc() {
  const std::time_t now = std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

// Removes what a grading writes, and nothing else: `out` may be any folder.
void clear(const fs::path& out) {
  fs::create_directories(out);
  for (const fs::directory_entry& entry : fs::directory_iterator(out)) {
    const fs::path& path = entry.path();
    const bool record = path.extension() == ".json" && path.stem().has_extension();
    const bool ours = path.filename() == "logs" || path.filename() == kResultFile ||
                      path.filename() == kFactsFile || path.stem() == "criterion";
    if (record || ours) fs::remove_all(path);
  }
  fs::create_directories(out / "logs");
}

Report report_in(const fs::path& out) { return parse_tap(read_file(out / kTapFile).value_or("")); }

// Criterion's pattern for "suite.test" names: @(suite/test|suite/test).
std::string filter_for(const std::vector<std::string>& tests) {
  std::string pattern;
  for (std::string name : tests) {
    name[name.find('.')] = '/';
    pattern += (pattern.empty() ? "@(" : "|") + name;
  }
  return pattern + ")";
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

class Run {
 public:
  Run(const Grading& grading, const Manifest& manifest) : grading_(grading), manifest_(manifest) {
    facts_.lab = manifest.lab;
    facts_.seed = fmt::format("{:#018x}", grading.seed);
    facts_.selected = grading.only;
    facts_.versions = tool_versions();
    facts_.started = now_utc();
    facts_.explanation = "The grading was ended from outside before it was done. Grade again.";
  }

  Result result() {
    check_selection(grading_.only, manifest_);
    clear(grading_.out);
    write_files(judged());  // valid from the first moment on
    const auto begin = std::chrono::steady_clock::now();
    if (const auto artifacts = build()) run_tests(*artifacts);
    facts_.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    const Result result = judged();
    write_files(result);
    return result;
  }

 private:
  void step(std::string_view text) const {
    if (grading_.on_step) grading_.on_step(text);
  }

  void conclude(Verdict verdict, std::string explanation) {
    facts_.verdict = verdict;
    facts_.explanation = std::move(explanation);
  }

  // The folder of the artifacts; nothing, with verdict and explanation set, when they could not be
  // made.
  std::optional<fs::path> build() {
    if (!grading_.submission.empty()) {
      step("putting the submission into a clean tree");
      submission_.emplace(grading_.root, grading_.stage, manifest_.lab, grading_.submission,
                          grading_.out / "logs");
      if (!stage()) return std::nullopt;
      step(Sandbox::obstacle().empty() ? "building"
                                       : "building without a sandbox, for " + Sandbox::obstacle());
      if (!make(submission_->building(grading_.build_seconds))) return std::nullopt;
      return submission_->artifacts();
    }
    if (!grading_.build.empty()) {
      step("building");
      Job job;
      job.command.arguments = {"/bin/sh", "-c", grading_.build};
      job.command.folder = grading_.root;
      job.command.environment = {"MAKEFLAGS="};  // `make grade` set it for itself
      job.log = grading_.out / "logs" / "build.log";
      job.most_seconds = grading_.build_seconds;
      if (!make(job)) return std::nullopt;
    }
    return grading_.artifacts;
  }

  // Both return true when all went well, and otherwise say in the facts what did not.
  bool stage() {
    const Job job = submission_->staging();
    const JobEnd end = run(job);
    if (end.ok()) return true;
    const Job starter = submission_->starter_staging();
    if (!interrupted() && !run(starter).ok())
      throw SetupError(fmt::format("{} cannot make even the starter of this lab:\n{}",
                                   grading_.stage.string(), read_file(starter.log).value_or("")));
    failed(job, end, Verdict::broken_submission);
    return false;
  }

  bool make(const Job& job) {
    const JobEnd end = run(job);
    if (!end.ok()) failed(job, end, Verdict::build_failed);
    return end.ok();
  }

  void failed(const Job& job, const JobEnd& end, Verdict verdict) {
    const char* const what = verdict == Verdict::build_failed ? "The build" : "The staging";
    if (end.how == JobEnd::How::interrupted)
      return conclude(Verdict::not_run,
                      fmt::format("{} {}. Grade again.", what, describe(end, job)));
    BuildFailure failure = read_build_log(read_file(job.log).value_or(""));
    if (verdict == Verdict::build_failed) verdict = failure.verdict;
    facts_.build_errors = std::move(failure.errors);
    conclude(verdict, std::string(meaning_of(verdict)));
    if (end.how != JobEnd::How::exited)
      facts_.explanation += fmt::format(" {} {}.", what, describe(end, job));
  }

  void run_tests(const fs::path& artifacts) {
    step("running the tests");
    const fs::path out = fs::absolute(grading_.out);
    Job job;
    job.command.arguments = {fs::absolute(grading_.tests),
                             fmt::format("-j{}", grading_.jobs),
                             "--short-filename",
                             fmt::format("--timeout={:.0f}", grading_.test_seconds * load_factor()),
                             fmt::format("--tap={}", (out / kTapFile).string()),
                             fmt::format("--xml={}", (out / kJunitFile).string()),
                             fmt::format("--json={}", (out / kJsonFile).string())};
    if (!grading_.only.empty())
      job.command.arguments.push_back("--filter=" + filter_for(grading_.only));
    job.command.folder = grading_.root;
    job.command.environment = {
        "SPRAT_LAB=" + manifest_.lab, "SPRAT_ARTIFACTS=" + fs::absolute(artifacts).string(),
        "SPRAT_RESULTS=" + out.string(),
        "SPRAT_SCOPE=" + (grading_.scope.empty() ? "" : fs::absolute(grading_.scope).string()),
        "SPRAT_SEED=" + facts_.seed};
    job.log = out / "logs" / "tests.log";
    job.most_seconds = grading_.run_seconds;
    job.while_it_runs = [&] { follow(out); };
    const JobEnd end = run(job);
    follow(out);
    if (end.how != JobEnd::How::exited)
      conclude(
          Verdict::not_run,
          fmt::format("The test run {}; without its report no test counts. See logs/tests.log.",
                      describe(end, job)));
    else if (!fs::exists(out / kTapFile))
      conclude(Verdict::not_run,
               fmt::format("The test binary {} without a report. See logs/tests.log.",
                           describe(end, job)));
    else
      conclude(Verdict::ok, "The tests ran to the end.");
  }

  // Announces records that have appeared since the last time. A record still being written is seen
  // the next time.
  void follow(const fs::path& out) {
    if (!grading_.on_finished) return;
    for (const auto& [test, record] : read_records(out).by_test)
      if (seen_.insert(test).second) grading_.on_finished(test, record.verdict);
  }

  Result judged() const {
    return score(manifest_, facts_, report_in(grading_.out), read_records(grading_.out));
  }

  void write_files(const Result& result) const {
    write_file(grading_.out / kFactsFile, to_json(facts_));
    write_file(grading_.out / kResultFile, to_json(result));
  }

  const Grading& grading_;
  const Manifest& manifest_;
  RunFacts facts_;
  std::optional<Submission> submission_;
  std::set<std::string> seen_;
};

}  // namespace

Result grade(const Grading& grading, const Manifest& manifest) {
  return Run(grading, manifest).result();
}

Result judge_again(const fs::path& out, const Manifest& manifest) {
  const RunFacts facts = read_facts(out / kFactsFile);
  if (facts.lab != manifest.lab)
    throw SetupError(
        fmt::format("{} was graded as lab {}, not {}", out.string(), facts.lab, manifest.lab));
  const Result result = score(manifest, facts, report_in(out), read_records(out));
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
