// grading_test.cc — whole gradings of a toy lab: whatever its suite and its build do, there is a
// valid result.

#include "score/grading.hh"

#include <criterion/criterion.h>
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <optional>
#include <thread>

#include "score/files.hh"
#include "score/job.hh"
#include "score/json_files.hh"
#include "score/out_folder.hh"
#include "score/setup_error.hh"
#include "score/tests/toy_lab.hh"

namespace sprat::grading {
namespace {

namespace fs = std::filesystem;

Result graded(const ToyLab& lab, const Grading& grading) {
  const Result result = grade(grading, lab.manifest());
  cr_assert_eq(to_json(read_result(lab.out() / "result.json")), to_json(result),
               "the file is another result");
  return result;
}

// Returns after ten seconds at most.
void wait_until(const std::atomic<bool>& happened) {
  for (int tries = 0; tries != 1000 && !happened; ++tries)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
}

const TestResult& test_of(const Result& result, const std::string& name) {
  const auto found = std::find_if(result.tests.begin(), result.tests.end(),
                                  [&](const TestResult& test) { return test.name == name; });
  cr_assert(found != result.tests.end(), "no test %s", name.c_str());
  return *found;
}

struct BuildCase {
  const char* build;
  Verdict verdict;
};

// The grading ends with a SetupError that says `why`, and leaves no result, not even that of a grading before.
void expect_no_grade(const ToyLab& lab, const Grading& grading, const char* why) {
  fs::create_directories(lab.out());
  lab.write("out/result.json", "{}");
  std::string said;
  try {
    grade(grading, lab.manifest());
  } catch (const std::exception& error) {
    said = error.what();
  }
  cr_expect_neq(said.find(why), std::string::npos, "%s is not in: %s", why, said.c_str());
  cr_expect(!fs::exists(lab.out() / "result.json"), "%s: there is a result", why);
}

// The result without what depends on the clock.
std::string timeless(Result result) {
  result.facts.started.clear();
  result.facts.seconds = 0;
  for (TestResult& test : result.tests) test.seconds = 0;
  return to_json(result);
}

}  // namespace

Test(grading, gives_full_points_to_a_suite_that_passes) {
  const ToyLab lab;
  const Result result = graded(lab, lab.grading(""));
  cr_assert_eq(result.score, 100);
  cr_assert_eq(result.facts.seed, "0x0000000000001234");
  cr_assert_eq(test_of(result, "one.first").came, "0x0000000000001234",
               "the suite is told the seed");
  for (const char* file :
       {"criterion.xml", "criterion.tap", "criterion.json", "run.json", "logs/tests.log"})
    cr_expect(fs::exists(lab.out() / file), "%s", file);
}

Test(grading, knows_the_ways_a_test_can_fail) {
  struct Case {
    const char* behaviour;
    Verdict verdict;
  };
  const ToyLab lab;
  for (const Case& each :
       {Case{"wrong_answer", Verdict::wrong_answer}, Case{"forged", Verdict::forged},
        Case{"contradicts", Verdict::triple_fault}, Case{"crash", Verdict::crashed},
        Case{"hang", Verdict::hang_silent}, Case{"leave", Verdict::not_run},
        Case{"unrecorded", Verdict::not_run}, Case{"broken_record", Verdict::not_run}}) {
    const Result result = graded(lab, lab.grading(fmt::format("one.second {}", each.behaviour)));
    const TestResult& test = test_of(result, "one.second");
    cr_expect_eq(test.verdict, each.verdict, "%s: %s", each.behaviour,
                 name_of(test.verdict).data());
    cr_expect_eq(result.score, 60, "%s: %d", each.behaviour, result.score);
    cr_expect(!test.explanation.empty(), "%s", each.behaviour);
  }
}

Test(grading, survives_a_flood_and_keeps_its_beginning) {
  const ToyLab lab;
  const Result result = graded(lab, lab.grading("one.first flood"));
  cr_assert_eq(result.score, 100);
  cr_assert(fs::file_size(lab.out() / "logs" / "tests.log") <= 8 << 20);
}

Test(grading, gives_no_grade_when_the_test_binary_is_killed) {
  const ToyLab lab;
  expect_no_grade(lab, lab.grading("one.first kill_all"), "was ended by signal 9");
}

Test(grading, gives_no_grade_when_the_run_takes_too_long) {
  const ToyLab lab;
  Grading grading = lab.grading("one.first hang");
  grading.test_seconds = 100;
  grading.run_seconds = 0.5;
  expect_no_grade(lab, grading, "was stopped after");
}

Test(grading, says_why_a_build_failed) {
  const ToyLab lab;
  for (const BuildCase& each :
       {BuildCase{"echo 'a.cc:1:1: error: no'; exit 1", Verdict::build_failed},
        BuildCase{"echo 'a.cc:1: undefined reference to `g()'; exit 1", Verdict::link_failed},
        BuildCase{"echo '#error stop' | g++ -x c++ -c -o /dev/null -", Verdict::build_failed},
        BuildCase{"echo 'int f(); int main() { return f(); }' | g++ -x c++ -o /dev/null -",
                  Verdict::link_failed}}) {
    Grading grading = lab.grading("");
    grading.build = {{"sh", "-c", each.build}};
    const Result result = graded(lab, grading);
    cr_expect_eq(result.facts.verdict, each.verdict, "%s: %s", each.build,
                 name_of(result.facts.verdict).data());
    cr_expect(!result.facts.build_errors.empty(), "%s", each.build);
    cr_expect_eq(result.score, 0);
  }
}

Test(grading, stops_a_build_at_its_limits) {
  const ToyLab lab;
  Grading grading = lab.grading("");
  grading.build = {{"sleep", "1000"}};
  grading.build_seconds = 0.3;
  const Result result = graded(lab, grading);
  cr_assert_eq(result.facts.verdict, Verdict::build_failed);
  cr_assert_neq(result.facts.explanation.find("The build was stopped after"), std::string::npos);
}

Test(grading, runs_only_the_selected_tests) {
  const ToyLab lab;
  Grading grading = lab.grading("one.second panic");
  grading.only = tests_of(lab.manifest(), "toy.2");
  const Result result = graded(lab, grading);
  cr_assert_eq(result.score, 30, "%d", result.score);
  cr_assert_eq(test_of(result, "one.first").explanation, "Not asked for in this run.");
  cr_assert(result.checkpoints[0].value);

  grading.only = {"one.fourth"};
  cr_assert_throw(grade(grading, lab.manifest()), SetupError);
}

Test(grading, reports_each_test_as_it_ends) {
  const ToyLab lab;
  Grading grading = lab.grading("one.second panic");
  std::map<std::string, Verdict> finished;
  grading.on_finished = [&](std::string_view test, Verdict verdict) {
    finished[std::string(test)] = verdict;
  };
  graded(lab, grading);
  cr_assert_eq(finished.size(), 4U);
  cr_assert_eq(finished.at("one.second"), Verdict::panic);
}

Test(grading, leaves_nothing_of_an_earlier_grading_but_touches_no_other_file) {
  const ToyLab lab;
  lab.write("out/notes.txt", "mine");
  lab.write("out/settings.json", "{}");
  graded(lab, lab.grading(""));
  const Result second = graded(lab, lab.grading("one.first leave"));
  cr_assert_eq(test_of(second, "one.first").verdict, Verdict::not_run);
  cr_assert(fs::exists(lab.out() / "notes.txt") && fs::exists(lab.out() / "settings.json"));
}

Test(grading, can_be_judged_again_from_its_evidence) {
  const ToyLab lab;
  const Result first = graded(lab, lab.grading("one.second forged"));
  fs::remove(lab.out() / "result.json");
  cr_assert_eq(to_json(judge_again(lab.out(), lab.manifest())), to_json(first));
  cr_assert_eq(to_json(read_result(lab.out() / "result.json")), to_json(first));
}

Test(grading, of_one_submission_is_the_same_20_times, .timeout = 120) {
  const ToyLab lab;
  const Grading grading = lab.grading("one.second panic\nmeasure.steps slow");
  const std::string first = timeless(graded(lab, grading));
  for (int round = 1; round < 20; ++round) cr_assert_eq(timeless(graded(lab, grading)), first);
}

Test(grading, ends_in_order_when_interrupted) {
  const ToyLab lab;
  Grading grading = lab.grading("one.first hang");
  std::atomic<bool> begun = false;
  grading.on_step = [&](std::string_view) { begun = true; };
  catch_interrupts();
  std::thread user([&] {
    wait_until(begun);
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    kill(getpid(), SIGINT);
  });
  expect_no_grade(lab, grading, "was interrupted");
  user.join();
}

// A terminal interrupts the build and this program alike, and the build ends first.
Test(grading, says_that_it_was_interrupted_when_its_build_was) {
  const ToyLab lab;
  Grading grading = lab.grading("");
  catch_interrupts();
  grading.build = {{"sh", "-c", "kill -INT $0; exit 1", std::to_string(getpid())}};
  expect_no_grade(lab, grading, "was interrupted");
}

Test(grading, has_no_result_of_before_from_the_first_moment_on) {
  const ToyLab lab;
  Grading grading = lab.grading("");
  graded(lab, grading);
  bool seen = false;
  grading.on_step = [&](std::string_view) {
    seen = true;
    cr_assert(!fs::exists(lab.out() / "result.json") && !fs::exists(lab.out() / "run.json"));
  };
  graded(lab, grading);
  cr_assert(seen);
}

Test(grading, gives_no_grade_when_the_computer_is_why_a_build_failed) {
  const ToyLab lab;
  for (const char* line :
       {"/tmp/cc.s: fatal error: error writing to /tmp/cc.s: No space left on device",
        "/usr/bin/ld: final link failed: No space left on device",
        "/bin/bash: line 1: clang++-16: command not found", "sh: 1: g++: not found",
        "make: g++: No such file or directory",
        "g++: fatal error: cannot execute 'cc1plus': execvp: No such file or directory",
        "g++: fatal error: Killed signal terminated program cc1plus",
        "cc1plus: out of memory allocating 65536 bytes"}) {
    Grading grading = lab.grading("");
    grading.build = {{"sh", "-c", "echo \"$0\"; exit 1", line}};
    expect_no_grade(lab, grading, "the build cannot run here");
  }
  Grading grading = lab.grading("");
  grading.build = {
      {"sh", "-c", "echo 'a.cc:1:10: fatal error: no.hh: No such file or directory'; exit 1"}};
  cr_expect_eq(graded(lab, grading).facts.verdict, Verdict::build_failed);
  grading.build = {{"/nowhere/make"}};
  expect_no_grade(lab, grading, "cannot start /nowhere/make");
}

Test(grading, gives_no_grade_when_the_tests_cannot_run) {
  const ToyLab lab;
  expect_no_grade(lab, lab.grading("one.second troubled"),
                  "the grader cannot run one.second: no emulator");
  expect_no_grade(lab, lab.grading("one.second troubled_without_record"), "the grader cannot run");
  Grading grading = lab.grading("");
  grading.tests = lab.root() / "missing";
  expect_no_grade(lab, grading, "is no program");
  lab.write("not-executable", "x");
  grading.tests = lab.root() / "not-executable";
  expect_no_grade(lab, grading, "cannot start");
  lab.write("no-library",
            "#!/bin/sh\necho 'no-library: error while loading shared libraries'\nexit 127\n", true);
  grading.tests = lab.root() / "no-library";
  expect_no_grade(lab, grading, "without a report");
}

Test(grading, gives_no_grade_when_the_result_cannot_be_written) {
  const ToyLab lab;
  lab.write("out", "a file");
  cr_assert_throw(grade(lab.grading(""), lab.manifest()), SetupError);
}

Test(grading, waits_for_another_one_that_writes_to_the_same_folder) {
  const ToyLab lab;
  Grading grading = lab.grading("");
  std::atomic<bool> waited = false;
  grading.on_step = [&](std::string_view step) {
    if (step.starts_with("waiting for another grading")) waited = true;
  };
  std::optional<OutFolder> other(std::in_place, lab.out(), [] {});
  std::thread end_of_other([&] {
    wait_until(waited);
    other.reset();
  });
  cr_assert_eq(graded(lab, grading).score, 100);
  end_of_other.join();
  cr_assert(waited);
}

Test(grading, builds_with_one_program_after_the_other_and_without_a_shell) {
  const ToyLab lab;
  Grading grading = lab.grading("");
  const std::string odd = "a'; touch PWNED; echo '$(touch PWNED)";
  grading.build = {{"touch", odd}, {"test", "-e", odd}};
  cr_expect_eq(graded(lab, grading).score, 100);
  cr_expect(!fs::exists(lab.root() / "PWNED"));
  grading.build = {{"false"}, {"touch", "second"}};
  cr_expect_eq(graded(lab, grading).facts.verdict, Verdict::build_failed);
  cr_expect(!fs::exists(lab.root() / "second"));
}

// The program itself: behind each `--` stands a program with its arguments.
Test(grade_program, takes_the_build_behind_two_dashes_and_ends_with_2_without_a_grade) {
  const ToyLab lab;
  const Grading grading = lab.grading("");
  const auto status_of = [&](std::vector<std::string> more, const std::string& name = "toy") {
    Job job;
    job.command.arguments = {grading.tests.parent_path() / "grade",
                             "--lab",
                             name,
                             "--root",
                             lab.root(),
                             "--tests",
                             grading.tests,
                             "--artifacts",
                             grading.artifacts,
                             "--out",
                             lab.out()};
    job.command.arguments.insert(job.command.arguments.end(), more.begin(), more.end());
    job.log = lab.root() / "log";
    return run(job).number;
  };
  const auto has_result = [&] { return fs::exists(lab.out() / "result.json"); };
  cr_expect_eq(status_of({"--", "touch", "a b", "c", "--", "test", "-e", "a b"}), 0, "%s",
               read_file(lab.root() / "log").value_or("").c_str());
  cr_expect(has_result() && !fs::exists(lab.root() / "a"));
  cr_expect_eq(status_of({}, "nolab"), 2, "a lab that does not exist");
  cr_expect(!has_result(), "the grade of before is still there");
  cr_expect_eq(status_of({}), 0);
  cr_expect_eq(status_of({"--", "/nowhere/make"}), 2, "a build that cannot start");
  cr_expect(!has_result());
  cr_expect_eq(status_of({"--"}), 2, "no program");
  cr_expect_eq(status_of({"--", "true", "--"}), 2, "no second program");
  cr_expect_eq(status_of({"--build", "true"}), 2, "an option of before");
}

}  // namespace sprat::grading
