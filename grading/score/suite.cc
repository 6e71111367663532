// suite.cc — see suite.hh.

#include "score/suite.hh"

#include <fmt/format.h>

#include "machine/load.hh"
#include "score/files.hh"
#include "score/job.hh"
#include "score/record.hh"
#include "score/setup_error.hh"
#include "score/tap_report.hh"

namespace sprat::grading {

namespace fs = std::filesystem;

namespace {

constexpr const char* kTapFile = "criterion.tap";
constexpr const char* kJunitFile = "criterion.xml";
constexpr const char* kJsonFile = "criterion.json";

// Criterion's pattern for "suite.test" names: @(suite/test|suite/test).
std::string filter_for(const std::vector<std::string>& tests) {
  std::string pattern;
  for (std::string name : tests) {
    name[name.find('.')] = '/';
    pattern += (pattern.empty() ? "@(" : "|") + name;
  }
  return pattern + ")";
}

// A test that the grader could not run says nothing about the code under test.
void expect_no_trouble(const fs::path& results) {
  for (const auto& [test, record] : read_records(results).by_test)
    if (!record.trouble.empty())
      throw SetupError("the grader cannot run " + test + ": " + record.trouble);
  for (const auto& [test, reported] : report_in(results))
    if (reported.detail.starts_with(kCannotRun)) throw SetupError(test + ": " + reported.detail);
}

}  // namespace

Report report_in(const fs::path& results) {
  return parse_tap(read_file(results / kTapFile).value_or(""));
}

void stop_if_interrupted(const JobEnd& end, const Job& job) {
  if (end.how == JobEnd::How::interrupted)
    throw SetupError(fmt::format("the grading {}; grade again", describe(end, job)));
}

void run_suite(const Grading& grading, const std::string& lab, const SuiteRun& suite) {
  const fs::path out = fs::absolute(suite.results);
  Job job;
  job.command.arguments = {fs::absolute(grading.tests),
                           fmt::format("-j{}", grading.jobs),
                           "--short-filename",
                           fmt::format("--timeout={:.0f}", grading.test_seconds * load_factor()),
                           fmt::format("--tap={}", (out / kTapFile).string()),
                           fmt::format("--xml={}", (out / kJunitFile).string()),
                           fmt::format("--json={}", (out / kJsonFile).string())};
  if (!suite.only.empty()) job.command.arguments.push_back("--filter=" + filter_for(suite.only));
  job.command.folder = grading.root;
  job.command.environment = {
      "SPRAT_LAB=" + lab,
      "SPRAT_ARTIFACTS=" + fs::absolute(suite.artifacts).string(),
      "SPRAT_RESULTS=" + out.string(),
      "SPRAT_SCOPE=" + (grading.scope.empty() ? "" : fs::absolute(grading.scope).string()),
      "SPRAT_SEED=" + suite.seed,
      "SPRAT_WALL=" + suite.wall};
  job.log = out / "logs" / "tests.log";
  job.most_seconds = grading.run_seconds;
  job.while_it_runs = suite.while_it_runs;
  const JobEnd end = run(job);
  stop_if_interrupted(end, job);
  if (end.how != JobEnd::How::exited)
    throw SetupError(fmt::format("the test run {}, and without its report no test counts; see {}",
                                 describe(end, job), job.log.string()));
  if (!fs::exists(out / kTapFile))
    throw SetupError(fmt::format("the test binary {} without a report; see {}", describe(end, job),
                                 job.log.string()));
  expect_no_trouble(out);
}

}  // namespace sprat::grading
