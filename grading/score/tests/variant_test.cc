// variant_test.cc — mutants and alternatives of a toy lab: every way to differ from what is
// declared is reported.

#include "score/variant.hh"

#include <criterion/criterion.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <map>
#include <thread>

#include "score/files.hh"
#include "score/job.hh"
#include "score/setup_error.hh"
#include "score/slot.hh"
#include "score/tests/toy_lab.hh"
#include "score/versions.hh"
#include "score/walled_build.hh"

namespace sprat::grading {
namespace {

namespace fs = std::filesystem;

constexpr const char* kMutants = R"([[mutant]]
name = "forgets-first"
says = "The first thing is forgotten."
edits = [ { region = "toy.1a", replace = "a", with = "b" } ]
caught_by = ["one.first"]

[[mutant]]
name = "slow"
says = "Everything takes ten times as long."
edits = [ { region = "toy.2", body = "slow" } ]
caught_by = ["two.third"]
)";

// Stands in for scripts/stage: a tree whose `make artifacts` makes the suite behave as the
// variant's name wants.
constexpr const char* kStage = R"(#!/bin/sh
variant=reference
while [ $# -gt 0 ]; do
  case $1 in
    --out) out=$2; shift ;;
    --mutant|--alternative) variant=$2; shift ;;
    --answers) variant=$(cat "$2/answer"); shift ;;
    --alone) exit 4 ;;  # the answer is to both exercises
  esac
  shift
done
if [ "$variant" = refused ]; then
  echo "kernel/a.cc:3: error: region toy.1a is gone; put it back"
  exit 2
fi
mkdir -p "$out/kernel"
case $variant in
  forgets-first) echo one.first panic ;;
  meddles) echo one.first panic; echo two.third panic ;;
  broken) echo "#error" ;;
esac >"$out/kernel/behaviour"
printf '$(B)/kernel/behaviour: kernel/behaviour\n\t! grep "#error" $<\n\tmkdir -p $(@D) && cp $< $@\n' >"$out/Makefile"
printf '$(B)/kernel/subject-toy: $(B)/kernel/behaviour\n\techo host >>build/built\n' >>"$out/Makefile"
printf 'artifacts: $(B)/kernel/subject-toy\n\techo machines >>build/built\n' >>"$out/Makefile"
)";

class MutantLab : public ToyLab {
 public:
  MutantLab() {
    write("labs/7-toy/mutants.toml", kMutants);
    write("labs/7-toy/alternatives/backwards.cc",
          "//@ says Begins at the end.\n//@ answer toy.1a\n//@ end\n");
    write("scripts/stage", kStage, true);
  }

  Grading common() const {
    Grading grading = this->grading("");
    grading.artifacts.clear();
    grading.stage = root() / "scripts" / "stage";
    return grading;
  }

  std::vector<Variant> variants() const {
    return read_variants(root() / "labs" / "7-toy", manifest());
  }
};

// What came of the toy lab's tests; a test that is not named was not asked for.
Result result_with(const std::map<std::string, Verdict>& verdicts, int score = 100) {
  Result result;
  result.facts.verdict = Verdict::ok;
  result.max_score = 100;
  result.score = score;
  for (const Test& test : ToyLab().manifest().tests) {
    const auto verdict = verdicts.find(test.name);
    TestResult& added = result.tests.emplace_back();
    added.name = test.name;
    added.exercise = test.exercise;
    if (verdict == verdicts.end()) continue;
    added.verdict = verdict->second;
    result.facts.selected.push_back(test.name);
  }
  return result;
}

using Sentences = std::vector<std::string>;

Sentences deviations_of(const Variant& variant, const Result& result) {
  return deviations(variant, ToyLab().manifest(), result);
}

const Variant kMutantOfFirst{Variant::Kind::mutant, "m", "", {"toy.1"}, {"one.first"}};
const Variant kMutantOfSecond{Variant::Kind::mutant, "m", "", {"toy.2"}, {"two.third"}};
const Variant kAlternative{Variant::Kind::alternative, "a", ""};

std::string mutants_complaint(const std::string& mutants) {
  const MutantLab lab;
  lab.write("labs/7-toy/mutants.toml", mutants);
  try {
    lab.variants();
    return "";
  } catch (const SetupError& error) {
    const std::string message = error.what();
    return message.substr(std::min(message.size(), (lab.root() / "labs/7-toy/").string().size()));
  }
}

std::string edited_mutants(const std::string& old, const std::string& replacement) {
  std::string text = kMutants;
  return text.replace(text.find(old), old.size(), replacement);
}

}  // namespace

Test(variants, are_the_reference_the_mutants_and_the_alternatives) {
  const std::vector<Variant> variants = MutantLab().variants();
  cr_assert_eq(variants.size(), 4U);
  cr_expect_eq(variants[0].name, "reference");
  cr_expect_eq(variants[1].name, "forgets-first");
  cr_expect(variants[1].exercises == std::set<std::string>{"toy.1"});
  cr_expect(variants[1].caught_by == Sentences{"one.first"});
  cr_expect_eq(variants[3].name, "backwards");
  cr_expect_eq(variants[3].says, "Begins at the end.");
  cr_expect(variants[3].caught_by.empty());
}

Test(variants, declared_wrongly_are_refused_with_their_line) {
  cr_expect_eq(mutants_complaint(edited_mutants("\"one.first\"", "\"one.fourth\"")),
               "mutants.toml:5: lab toy has no test `one.fourth`");
  cr_expect_eq(mutants_complaint(edited_mutants("\"one.first\"", "\"two.third\"")),
               "mutants.toml:5: `two.third` is a test of toy.2, but `forgets-first` edits toy.1");
  for (const char* tests : {"", "\"one.first\", \"one.second\", \"one.first\", \"one.second\""})
    cr_expect_eq(mutants_complaint(edited_mutants("\"one.first\"", tests)),
                 "mutants.toml:5: `forgets-first` must name one to 3 tests that catch it");
  for (const char* region : {"toy.3a", "toy", "toy.1A", "toy.1aa", ""})
    cr_expect_eq(mutants_complaint(edited_mutants("toy.1a", region)),
                 fmt::format("mutants.toml:4: `{}` is no region of lab toy", region));
  cr_expect_eq(mutants_complaint(
                   edited_mutants("{ region = \"toy.1a\", replace = \"a\", with = \"b\" }", "")),
               "mutants.toml:4: a mutant needs an edit");
  cr_expect(mutants_complaint(edited_mutants("says", "sais"))
                .starts_with("mutants.toml:1: `says` is missing"));
  cr_expect(mutants_complaint(edited_mutants("says", "loses = 50\nsays"))
                .starts_with("mutants.toml:3: `loses` is no key known here"));
}

Test(variants, that_do_as_declared_do_not_deviate) {
  const auto panic = Verdict::panic, ok = Verdict::ok;
  cr_expect(deviations_of(kMutantOfFirst, result_with({{"one.first", panic}})).empty());
  cr_expect(deviations_of(
                kMutantOfFirst,
                result_with({{"one.first", panic}, {"one.second", panic}, {"two.third", panic}}))
                .empty());
  cr_expect(
      deviations_of(kMutantOfSecond,
                    result_with({{"one.first", ok}, {"one.second", ok}, {"two.third", panic}}))
          .empty());
}

Test(variants, that_no_declared_test_catches_deviate) {
  const Sentences missed = deviations_of(
      kMutantOfFirst, result_with({{"one.first", Verdict::ok}, {"one.second", Verdict::panic}}));
  cr_assert_eq(missed.size(), 2U);
  cr_expect_eq(missed[0], "one.first passes, but must catch it");
  cr_expect_eq(missed[1], "tests of its exercise that fail besides: one.second");
  cr_expect(deviations_of(kMutantOfFirst, result_with({{"one.first", Verdict::ok}})) ==
            Sentences{"one.first passes, but must catch it"});
}

Test(variants, that_fail_a_test_which_does_not_depend_on_their_exercise_deviate) {
  cr_expect(
      deviations_of(kMutantOfSecond,
                    result_with({{"one.second", Verdict::panic}, {"two.third", Verdict::panic}})) ==
      Sentences{"one.second fails (panic), but neither belongs to toy.2 nor needs or uses it"});
}

Test(variants, are_not_caught_by_a_test_that_was_not_run) {
  const Sentences found =
      deviations_of(kMutantOfFirst, result_with({{"one.first", Verdict::not_run}}));
  cr_assert_eq(found.size(), 1U);
  cr_expect(found[0].starts_with("one.first was not run, which is the grader's trouble"));
}

Test(variants, that_are_right_may_lose_nothing) {
  const Verdict ok = Verdict::ok;
  const std::map<std::string, Verdict> all{
      {"one.first", ok}, {"one.second", ok}, {"two.third", ok}};
  cr_expect(deviations_of(kAlternative, result_with(all)).empty());
  cr_expect(deviations_of(kAlternative, result_with(all, 90)) == Sentences{"loses 10 points"});
  auto one_less = all;
  one_less["one.first"] = Verdict::panic;
  cr_expect_eq(deviations_of(kAlternative, result_with(one_less, 70)).at(0),
               "one.first fails (panic), but must not");
  Result broken = result_with({}, 0);
  broken.facts.verdict = Verdict::build_failed;
  broken.facts.explanation = "It does not compile.";
  broken.facts.build_errors = {"a.cc:1:1: error: no"};
  cr_expect(deviations_of(kAlternative, broken) ==
            Sentences{"build_failed: It does not compile. First: a.cc:1:1: error: no"});
  cr_expect_eq(deviations_of(kMutantOfFirst, broken).size(), 1U);
}

Test(telling_tests, are_those_that_must_fail_and_some_that_must_not) {
  const Manifest manifest = ToyLab().manifest();
  cr_expect(telling_tests(kAlternative, manifest).empty());
  // What needs toy.1 may fail or pass: it tells nothing about a mutant of toy.1.
  cr_expect(telling_tests(kMutantOfFirst, manifest) == Sentences{"one.first"});
  Sentences tests = telling_tests(kMutantOfSecond, manifest);
  std::sort(tests.begin(), tests.end());
  cr_expect(tests == Sentences({"one.first", "one.second", "two.third"}));
}

Test(telling_tests, of_one_mutant_in_four_run_on_machines_though_it_is_caught_on_the_host) {
  Manifest manifest = ToyLab().manifest();
  manifest.exercises.push_back({"toy.3", "Third steps", 0, ""});
  manifest.tests.push_back({"three.fourth", "toy.3", 0, {}, {}, "host", "", ""});
  int on_machines = 0;
  for (int i = 0; i < 1000; ++i) {
    const Variant mutant{
        Variant::Kind::mutant, fmt::format("m{}", i), "", {"toy.3"}, {"three.fourth"}};
    const Sentences tests = telling_tests(mutant, manifest);
    cr_assert(tests == telling_tests(mutant, manifest));
    on_machines += run_on_host(tests, manifest) ? 0 : 1;
  }
  cr_expect(on_machines > 200 && on_machines < 300, "%d", on_machines);
}

Test(walled_build, rewrites_only_files_that_differ_and_takes_no_answers) {
  const ToyLab lab;
  lab.write("from/kernel/same", "1");
  lab.write("from/kernel/other", "2");
  lab.write("from/kernel/folder/new", "3");
  lab.write("to/kernel/same", "1");
  lab.write("to/kernel/other", "1");
  lab.write("to/kernel/gone", "1");
  lab.write("to/build/object", "1");
  lab.write("from/labs/7-toy/tests/oracle.cc", "42");
  lab.write("from/labs/7-toy/guest/question.cc", "?");
  fs::create_symlink("/etc/passwd", lab.root() / "from/kernel/link");
  const auto same_time = fs::last_write_time(lab.root() / "to/kernel/same");
  const auto other_time = fs::last_write_time(lab.root() / "to/kernel/other");
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  update_tree(lab.root() / "from", lab.root() / "to");
  cr_expect(fs::last_write_time(lab.root() / "to/kernel/same") == same_time);
  cr_expect(fs::last_write_time(lab.root() / "to/kernel/other") > other_time);
  cr_expect_eq(read_file(lab.root() / "to/kernel/other").value_or(""), "2");
  cr_expect_eq(read_file(lab.root() / "to/kernel/folder/new").value_or(""), "3");
  cr_expect(!fs::exists(lab.root() / "to/kernel/gone"));
  cr_expect(fs::exists(lab.root() / "to/build/object"));
  cr_expect(fs::exists(lab.root() / "to/labs/7-toy/guest/question.cc"));
  cr_expect(!fs::exists(lab.root() / "to/labs/7-toy/tests"), "answers are no part of a build");
  cr_expect(!fs::exists(lab.root() / "to/kernel/link"));
}

Test(slot, becomes_one_variant_after_the_other) {
  const MutantLab lab;
  const Grading common = lab.common();
  const std::string name = "toy";
  const Slot slot(common, name);
  const std::vector<Variant> variants = lab.variants();
  const Manifest manifest = lab.manifest();
  cr_expect_eq(slot.grade_variant(variants[0], manifest).score, 100);
  cr_expect_eq(slot.grade_variant(variants[1], manifest).score, 50);
  cr_expect_eq(slot.grade_variant(variants[3], manifest).score, 100);
  cr_expect(fs::exists(lab.out() / "forgets-first" / "result.json"));
}

Test(slot, builds_what_the_tests_look_at_and_no_more) {
  const MutantLab lab;
  const Grading common = lab.common();
  const std::string name = "toy";
  const Slot slot(common, name);
  const Manifest manifest = lab.manifest();
  const Variant mutant = lab.variants()[1];
  const auto built = [&] {
    return read_file(lab.out() / "forgets-first/logs/build.log").value_or("");
  };
  const Result result = slot.grade_variant(mutant, manifest, {"one.first"});
  cr_expect(failures(result) == Sentences{"one.first"});
  cr_expect_eq(built().find("machines"), std::string::npos, "%s", built().c_str());
  for (const Sentences& tests : {Sentences{"one.first", "one.second"}, Sentences{}}) {
    slot.grade_variant(mutant, manifest, tests);
    cr_expect_neq(built().find("machines"), std::string::npos, "%s", built().c_str());
  }
}

Test(mutants, exits_with_1_and_says_how_when_one_deviates) {
  const MutantLab lab;
  const fs::path host = lab.common().tests.parent_path();
  Job job;
  job.command.arguments = {host / "mutants",   "--lab", "toy",    "--root", lab.root(), "--tests",
                           lab.common().tests, "--out", lab.out()};
  job.log = lab.root() / "log";
  const JobEnd end = run(job);
  const std::string log = read_file(job.log).value_or("");
  cr_assert(end.how == JobEnd::How::exited && end.number == 1, "%s", log.c_str());
  for (const char* sentence :
       {"two.third passes, but must catch it", "no test of the lab fails: it survives"})
    cr_expect_neq(log.find(sentence), std::string::npos, "%s", log.c_str());
  cr_expect_neq(log.find("1 deviate"), std::string::npos, "%s", log.c_str());
  const std::string tap = read_file(lab.out() / "mutants.tap").value_or("");
  cr_expect(tap.starts_with(
                "TAP version 13\n1..4\nok 1 - reference\nok 2 - forgets-first\nnot ok 3 - slow\n"),
            "%s", tap.c_str());
  const std::string table = read_file(lab.out() / "mutants.md").value_or("");
  cr_expect_neq(table.find("| forgets-first | toy.1 | one.first | some |  |  |"), std::string::npos,
                "%s", table.c_str());
}

Test(mutants, run_all_tests_when_asked_to) {
  const MutantLab lab;
  lab.write("labs/7-toy/mutants.toml", edited_mutants("forgets-first", "meddles"));
  const fs::path host = lab.common().tests.parent_path();
  Job job;
  job.command.arguments = {
      host / "mutants",   "--lab", "toy",     "--root",     lab.root(), "--tests",
      lab.common().tests, "--out", lab.out(), "--thorough", "--only",   "meddles"};
  job.log = lab.root() / "log";
  const JobEnd end = run(job);
  const std::string log = read_file(job.log).value_or("");
  cr_assert(end.how == JobEnd::How::exited && end.number == 0, "%s", log.c_str());
  const std::string table = read_file(lab.out() / "mutants.md").value_or("");
  cr_expect_neq(table.find("| meddles | toy.1 | one.first | all | two.third | 80 |"),
                std::string::npos, "%s", table.c_str());
}

Test(mutants, names_the_mutant_that_the_grader_has_trouble_with) {
  const MutantLab lab;
  lab.write("scripts/stage",
            "#!/bin/sh\ncase \"$*\" in *slow*) echo no room; exit 3;; esac\n" + std::string(kStage),
            true);
  const fs::path host = lab.common().tests.parent_path();
  Job job;
  job.command.arguments = {host / "mutants",   "--lab", "toy",    "--root", lab.root(), "--tests",
                           lab.common().tests, "--out", lab.out()};
  job.log = lab.root() / "log";
  const JobEnd end = run(job);
  const std::string log = read_file(job.log).value_or("");
  cr_assert(end.how == JobEnd::How::exited && end.number == 2, "%s", log.c_str());
  cr_expect_neq(log.find("the grader cannot grade `slow`"), std::string::npos, "%s", log.c_str());
}

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
  result = grade(grading, lab.manifest());
  cr_expect_eq(result.facts.verdict, Verdict::build_failed);
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
