// options.cc — the options of `grade` and `mutants`.

#include "score/options.hh"

#include <algorithm>
#include <random>
#include <string_view>

#include "command_line.hh"

namespace sprat::grading {
namespace {

std::uint64_t fresh_seed() {
  std::random_device random;
  return (std::uint64_t{random()} << 32) | random();
}

// The commands behind the first `--`; `argc` is then what stands before it.
std::vector<std::vector<std::string>> take_build(int& argc, char** argv) {
  std::vector<std::vector<std::string>> commands;
  const int end = argc;
  for (int at = 1; at < end; ++at) {
    if (std::string_view(argv[at]) == "--") {
      argc = std::min(argc, at);
      commands.emplace_back();
    } else if (!commands.empty()) {
      commands.back().emplace_back(argv[at]);
    }
  }
  return commands;
}

void add_common(CLI::App& app, Grading& grading, std::string& lab) {
  app.add_option("--lab", lab, "the lab, by name or number")->required();
  app.add_option("--root", grading.root, "the tree whose lab and tests are trusted")
      ->capture_default_str();
  app.add_option("--tests", grading.tests, "the lab's test binary");
  app.add_option("--scope", grading.scope, "the QEMU plugin");
  app.add_option("--stage", grading.stage, "scripts/stage (default: that of --root)");
  app.add_option("--compiler", grading.compiler, "the C++ compiler, its flags behind it")
      ->capture_default_str();
  app.add_option_function<std::string>(
         "--wall",
         [&grading](const std::string& name) { grading.wall = Wall::of(*wall_named(name)); },
         "the wall around code that is not trusted (default: the best that works here)")
      ->check(CLI::IsMember({"namespaces", "user", "landlock"}));
  app.add_flag_callback(
      "--no-wall", [&grading] { grading.wall = Wall::of(WallKind::none); },
      "go without a wall, and write that into the result");
  app.add_option("--seed", grading.seed, "makes a run repeatable (default: a fresh one)");
  app.add_option("--build-seconds", grading.build_seconds, "limit of a build on an idle computer")
      ->capture_default_str();
  app.add_option("--test-seconds", grading.test_seconds, "limit of one test on an idle computer")
      ->capture_default_str();
  app.add_option("--run-seconds", grading.run_seconds, "limit of all tests on an idle computer")
      ->capture_default_str();
}

void complete(CLI::App& app, Grading& grading) {
  if (grading.stage.empty()) grading.stage = grading.root / "scripts" / "stage";
  if (!app.count("--seed")) grading.seed = fresh_seed();
  if (grading.tests.empty()) refuse(app, "--tests is missing; name the lab's test binary");
}

}  // namespace

GradeOptions grade_options(int argc, char** argv) {
  CLI::App app("Grades a lab: builds, runs its tests, prints a scorecard and writes result.json.");
  app.option_defaults()->take_last();
  app.footer(
      "What follows a `--` is a trusted program that makes the artifacts or the tree, and its "
      "arguments; another `--` "
      "begins the next\nprogram. They run in --root, one after the other, without a shell and "
      "without a wall.");
  GradeOptions options;
  Grading& grading = options.grading;
  grading.build = take_build(argc, argv);
  grading.root = ".";
  int expected = 0;
  add_common(app, grading, options.lab);
  app.add_option("--artifacts", grading.artifacts,
                 "folder of the graded artifacts: sprat.elf, sprat-test.elf, subject");
  app.add_option("--tree", grading.tree,
                 "staged tree whose artifacts are made behind the wall, and graded");
  app.add_option("--place", grading.place, "folder in which --tree is built, and which is kept");
  app.add_option("--out", grading.out, "folder for result, reports and logs");
  app.add_option("--submission", grading.submission,
                 "grade the answers in this tree, put into a clean one");
  app.add_option("--prebuilt", grading.prebuilt,
                 "folder in which the starter is kept built, for submissions to begin with");
  app.add_option("--jobs", grading.jobs, "tests at a time")
      ->capture_default_str()
      ->check(CLI::Range(1, 64));
  app.add_option("--only", grading.only, "tests to run, with commas")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_option("--exercise", options.exercise, "run the tests of one exercise");
  app.add_flag("--checkpoints", options.checkpoints, "run only the tests that measure checkpoints");
  app.add_option("--expect-score", expected, "exit with status 1 when the score is another");
  app.add_option("--rejudge", options.rejudge,
                 "judge the evidence in this folder again; runs nothing");
  app.add_option("--adapter", options.adapter,
                 "print a result for gradescope, autolab, classroom50, github or github-summary; "
                 "runs nothing")
      ->check(CLI::IsMember({"gradescope", "autolab", "classroom50", "github", "github-summary"}));
  app.add_option("--in", options.in, "the result.json the adapter reads");
  app.get_option("--lab")->required(false);
  parse(app, argc, argv);

  if (app.count("--expect-score")) options.expect_score = expected;
  if (!options.adapter.empty()) {
    if (options.in.empty()) refuse(app, "--adapter needs --in, a result.json");
    return options;
  }
  if (options.lab.empty()) refuse(app, "--lab is missing; say which, such as --lab boot");
  if (!options.rejudge.empty()) return options;
  if (grading.out.empty()) refuse(app, "--out is missing; say where the result should go");
  if (grading.artifacts.empty() + grading.submission.empty() + grading.tree.empty() != 2)
    refuse(app, "one of --artifacts, --tree and --submission must say what to grade");
  if (grading.tree.empty() != grading.place.empty())
    refuse(app, "--tree needs --place, the folder in which it is built");
  for (const std::vector<std::string>& command : grading.build)
    if (command.empty())
      refuse(app, "a `--` without a program behind it; name what makes the artifacts");
  if (!grading.submission.empty() && !grading.build.empty())
    refuse(app, "--submission has a build of its own; leave what follows the `--` away");
  complete(app, grading);
  return options;
}

MutantsOptions mutants_options(int argc, char** argv) {
  CLI::App app(
      "Grades every mutant and alternative of a lab and compares them with their declarations.");
  app.option_defaults()->take_last();
  MutantsOptions options;
  options.grading.root = ".";
  options.grading.jobs = 1;
  add_common(app, options.grading, options.lab);
  app.add_option("--out", options.grading.out, "folder for the results, one folder each")
      ->required();
  app.add_option("--only", options.only, "names of mutants or alternatives, with commas")
      ->delimiter(',')
      ->allow_extra_args(false);
  app.add_flag("--thorough", options.thorough,
               "run all tests of each mutant, not only the telling ones");
  app.add_option("--workers", options.workers, "gradings at a time")
      ->capture_default_str()
      ->check(CLI::Range(1, 16));
  parse(app, argc, argv);
  complete(app, options.grading);
  return options;
}

}  // namespace sprat::grading
