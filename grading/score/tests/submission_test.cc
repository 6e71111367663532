// submission_test.cc — a submission is graded in a clean tree, alike in any folder and environment, and is never blamed
// for a fault of another.

#include <criterion/criterion.h>
#include <unistd.h>

#include <cstdlib>
#include <map>

#include "score/files.hh"
#include "score/setup_error.hh"
#include "score/tests/toy_mutants.hh"
#include "score/versions.hh"

namespace sprat::grading {
namespace {

namespace fs = std::filesystem;

}  // namespace

Test(submission, is_graded_in_a_clean_tree) {
  const MutantLab lab;
  Grading grading = lab.common();
  grading.submission = lab.root() / "theirs";
  lab.write("theirs/answer", "forgets-first");
  const Result result = grade(grading, lab.manifest());
  cr_assert_eq(result.score, 50, "%s %s", result.facts.explanation.c_str(),
               result.facts.build_errors.empty() ? "" : result.facts.build_errors[0].c_str());
}

Test(submission, is_not_blamed_when_the_starter_cannot_be_staged_either) {
  const MutantLab lab;
  Grading grading = lab.common();
  grading.submission = lab.root() / "theirs";
  lab.write("theirs/answer", "reference");
  lab.write("scripts/stage", "#!/bin/sh\necho no python\nexit 1\n", true);
  cr_assert_throw(grade(grading, lab.manifest()), SetupError);
}

Test(submission, that_is_refused_or_does_not_build_has_a_result_that_says_so) {
  const MutantLab lab;
  Grading grading = lab.common();
  grading.submission = lab.root() / "theirs";
  lab.write("theirs/answer", "refused");
  Result result = grade(grading, lab.manifest());
  cr_expect_eq(result.facts.verdict, Verdict::broken_submission);
  cr_expect_eq(result.facts.build_errors.at(0),
               "kernel/a.cc:3: error: region toy.1a is gone; put it back");

  lab.write("theirs/answer", "broken");
  for (const char* kept : {"", "kept"}) {
    if (*kept != '\0') grading.prebuilt = lab.root() / kept;
    result = grade(grading, lab.manifest());
    cr_expect_eq(result.facts.verdict, Verdict::build_failed, "the starter is kept in '%s'", kept);
  }
}

Test(submission, that_is_no_readable_folder_gets_no_grade) {
  const MutantLab lab;
  Grading grading = lab.common();
  lab.write("file", "x");
  for (const char* name : {"nowhere", "file"}) {
    grading.submission = lab.root() / name;
    lab.write("out/result.json", "{}");
    cr_expect_throw(grade(grading, lab.manifest()), SetupError, "%s", name);
    cr_expect(!fs::exists(lab.out() / "result.json"), "%s", name);
  }
  if (geteuid() == 0) return;  // reads everything
  fs::create_directories(lab.root() / "closed");
  fs::permissions(lab.root() / "closed", fs::perms::none);
  grading.submission = lab.root() / "closed";
  cr_expect_throw(grade(grading, lab.manifest()), SetupError);
}

Test(submission, gets_no_grade_when_staging_fails_for_another_reason_than_the_submission) {
  const MutantLab lab;
  Grading grading = lab.common();
  grading.submission = lab.root() / "theirs";
  lab.write("theirs/answer", "reference");
  // Fails for the answers only, and not with the status that blames them.
  lab.write("scripts/stage",
            "#!/bin/sh\ncase \"$*\" in *--answers*) echo 'x:1: error: No space left on device'; "
            "exit 3;; esac\n",
            true);
  cr_assert_throw(grade(grading, lab.manifest()), SetupError);
}

Test(submission, is_not_blamed_when_the_starter_cannot_be_built_either) {
  const MutantLab lab;
  Grading grading = lab.common();
  grading.submission = lab.root() / "theirs";
  lab.write("theirs/answer", "reference");
  const std::string broken =
      std::string(kStage) + "printf 'artifacts:\\n\\tfalse\\n' >\"$out/Makefile\"\n";
  lab.write("scripts/stage", broken, true);
  try {
    grade(grading, lab.manifest());
    cr_assert_fail("there is a grade");
  } catch (const SetupError& error) {
    cr_assert_neq(std::string(error.what()).find("not even the starter"), std::string::npos, "%s",
                  error.what());
  }
}

// Every path that a grading is given, and its temporary files, below a folder of each name.
Test(submission, is_graded_in_folders_of_any_name, .timeout = 120) {
  const MutantLab lab;
  const Manifest manifest = lab.manifest();
  for (const char* name : {"a b",
                           "it's",
                           "say \"hello\"",
                           "$HOME",
                           "$(touch PWNED)",
                           "a,b",
                           "a:b",
                           "a;b",
                           "a\nb",
                           "\xc3\xbc",
                           "\xff\xfe",
                           "-rf",
                           "--",
                           "a=b",
                           "a\\b",
                           "a#b",
                           "100%",
                           "*",
                           "[a]",
                           "x'; touch PWNED; echo '"}) {
    const fs::path folder = lab.root() / "odd" / name;
    for (const char* part : {"theirs", "tmp", "tests"}) fs::create_directories(folder / part);
    write_file(folder / "theirs/answer", "forgets-first");
    fs::copy_file(lab.common().tests, folder / "tests/suite");
    fs::create_directory_symlink(lab.root(), folder / "root");
    setenv("TMPDIR", (folder / "tmp").c_str(), 1);
    Grading grading = lab.common();
    grading.root = folder / "root";
    grading.stage = grading.root / "scripts/stage";
    grading.tests = folder / "tests/suite";
    grading.submission = folder / "theirs";
    grading.out = folder / "out";
    const Result result = grade(grading, manifest);
    cr_expect_eq(result.score, 50, "%s: %d: %s", name, result.score,
                 result.facts.explanation.c_str());
    cr_expect(fs::is_empty(folder / "tmp"), "%s: files are left", name);
    cr_expect(fs::exists(grading.out / "result.json"), "%s", name);
  }
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(lab.root()))
    cr_expect_neq(entry.path().filename(), "PWNED");
}

Test(submission, has_the_same_grade_in_any_environment) {
  const MutantLab lab;
  lab.write("theirs/answer", "forgets-first");
  lab.write("trap.mk", "$(error MAKEFILES is read)\n");
  for (const auto& [variable, value] :
       std::map<std::string, std::string>{{"MAKEFLAGS", "-n"},
                                          {"MAKEFILES", lab.root() / "trap.mk"},
                                          {"GNUMAKEFLAGS", "--question"},
                                          {"B", "elsewhere"},
                                          {"CXX", "false"},
                                          {"CPATH", "/nowhere"},
                                          {"LD_PRELOAD", "/nowhere.so"},
                                          {"CRITERION_JOBS", "0"},
                                          {"CRITERION_FAIL_FAST", "1"},
                                          {"CRITERION_TEST_PATTERN", "none/*"},
                                          {"SPRAT_RESULTS", "/nowhere"},
                                          {"SPRAT_SEED", "7"},
                                          {"LC_ALL", "de_DE.UTF-8"},
                                          {"LANGUAGE", "fr"}})
    setenv(variable.c_str(), value.c_str(), 1);
  Grading grading = lab.common();
  grading.submission = lab.root() / "theirs";
  const Result result = grade(grading, lab.manifest());
  cr_assert_eq(result.score, 50, "%s", result.facts.explanation.c_str());
}

Test(compiler, is_split_at_blanks_and_never_seen_by_a_shell) {
  cr_assert(words_of_compiler("ccache g++ -m64") ==
            std::vector<std::string>({"ccache", "g++", "-m64"}));
  for (const char* bad :
       {"", "  ", "g++; touch PWNED", "$(shell touch PWNED)", "g++ `id`", "g++\n-x", "'g++'"})
    cr_expect_throw(words_of_compiler(bad), SetupError, "%s", bad);
  const auto versions = tool_versions({"echo", "one", "two"});
  cr_assert(versions.at("compiler") == "one two --version");
}

}  // namespace sprat::grading
