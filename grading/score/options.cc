// options.cc — the options of `grade` and `mutants`.

#include "score/options.hh"

#include <random>

#include "machine/arguments.hh"

namespace sprat::grading {
namespace {

std::uint64_t fresh_seed() {
  std::random_device random;
  return (std::uint64_t{random()} << 32) | random();
}

void add_common(Arguments& arguments, Grading& grading, std::string& lab) {
  arguments.option("--lab", lab, "the lab, by name or number");
  arguments.option("--root", grading.root, "the tree whose lab and tests are trusted (default: .)");
  arguments.option("--tests", grading.tests, "the lab's test binary");
  arguments.option("--scope", grading.scope, "the QEMU plugin");
  arguments.option("--stage", grading.stage, "scripts/stage (default: that of --root)");
  arguments.option("--seed", grading.seed, "makes a run repeatable (default: a fresh one)");
  arguments.option("--build-seconds", grading.build_seconds,
                   "limit of a build on an idle computer (default: 300)");
  arguments.option("--test-seconds", grading.test_seconds,
                   "limit of one test on an idle computer (default: 60)");
  arguments.option("--run-seconds", grading.run_seconds,
                   "limit of all tests on an idle computer (default: 900)");
}

void complete(Arguments& arguments, Grading& grading) {
  if (grading.stage.empty()) grading.stage = grading.root / "scripts" / "stage";
  if (!arguments.has("--seed")) grading.seed = fresh_seed();
  if (!std::filesystem::exists(grading.tests))
    arguments.refuse("--tests must name the lab's test binary; build it first");
}

void check_range(const Arguments& arguments, const char* name, unsigned value, unsigned most) {
  if (value < 1 || value > most)
    arguments.refuse(std::string(name) + " must be 1 to " + std::to_string(most));
}

}  // namespace

GradeOptions grade_options(int argc, char** argv) {
  Arguments arguments(
      "grade", "grades a lab: builds, runs its tests, prints a scorecard, writes result.json");
  GradeOptions options;
  Grading& grading = options.grading;
  grading.root = ".";
  int expected = 0;
  add_common(arguments, grading, options.lab);
  arguments.option("--artifacts", grading.artifacts,
                   "folder of what is graded: sprat.elf, sprat-test.elf, subject");
  arguments.option("--out", grading.out, "folder for result, reports and logs");
  arguments.option("--build", grading.build, "a shell command that makes the artifacts first");
  arguments.option("--submission", grading.submission,
                   "grade the answers in this tree, put into a clean one");
  arguments.option("--jobs", grading.jobs, "tests at a time, 1 to 64 (default: 2)");
  arguments.list("--only", grading.only, "tests to run, with commas");
  arguments.option("--exercise", options.exercise, "run the tests of one exercise");
  arguments.flag("--checkpoints", options.checkpoints,
                 "run only the tests that measure checkpoints");
  arguments.option("--expect-score", expected, "exit with status 1 when the score is another");
  arguments.option("--rejudge", options.rejudge,
                   "judge the evidence in this folder again; runs nothing");
  arguments.choice("--adapter", options.adapter,
                   {"gradescope", "autolab", "classroom50", "github", "github-summary"},
                   "print a result as another system wants it; runs nothing");
  arguments.option("--in", options.in, "the result.json the adapter reads");
  arguments.read(argc, argv);

  if (arguments.has("--expect-score")) options.expect_score = expected;
  if (!options.adapter.empty()) {
    arguments.require("--in");
    return options;
  }
  arguments.require("--lab");
  if (!options.rejudge.empty()) return options;
  arguments.require("--out");
  if (grading.artifacts.empty() == grading.submission.empty())
    arguments.refuse("either --artifacts or --submission must say what to grade");
  check_range(arguments, "--jobs", grading.jobs, 64);
  complete(arguments, grading);
  return options;
}

MutantsOptions mutants_options(int argc, char** argv) {
  Arguments arguments(
      "mutants",
      "grades every mutant and alternative of a lab and compares with what is declared of them");
  MutantsOptions options;
  options.grading.root = ".";
  options.grading.jobs = 1;
  add_common(arguments, options.grading, options.lab);
  arguments.option("--out", options.grading.out, "folder for the results, one folder each");
  arguments.list("--only", options.only, "names of mutants or alternatives, with commas");
  arguments.option("--workers", options.workers, "gradings at a time, 1 to 16 (default: 2)");
  arguments.read(argc, argv);
  arguments.require("--lab");
  arguments.require("--out");
  check_range(arguments, "--workers", options.workers, 16);
  complete(arguments, options.grading);
  return options;
}

}  // namespace sprat::grading
