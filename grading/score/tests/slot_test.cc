// slot_test.cc — one variant after the other is built in one place, and the program `mutants` that does it with all of them.

#include "score/slot.hh"

#include <criterion/criterion.h>

#include <chrono>
#include <thread>

#include "score/files.hh"
#include "score/job.hh"
#include "score/tests/toy_mutants.hh"
#include "score/walled_build.hh"

namespace sprat::grading {
namespace {

namespace fs = std::filesystem;

// The log of the program `mutants`, which must exit with this status.
std::string log_of_mutants(const MutantLab& lab, int status,
                           const std::vector<std::string>& more = {}) {
  const fs::path tests = lab.common().tests;
  Job job;
  job.command.arguments = {tests.parent_path() / "mutants",
                           "--lab",
                           "toy",
                           "--root",
                           lab.root(),
                           "--tests",
                           tests,
                           "--out",
                           lab.out()};
  job.command.arguments.insert(job.command.arguments.end(), more.begin(), more.end());
  job.log = lab.root() / "log";
  const JobEnd end = run(job);
  std::string log = read_file(job.log).value_or("");
  cr_assert(end.how == JobEnd::How::exited && end.number == status, "%s", log.c_str());
  return log;
}

}  // namespace

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

Test(slot, builds_only_the_artifacts_that_tests_use) {
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
  const std::string log = log_of_mutants(lab, 1);
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
  const std::string log = log_of_mutants(lab, 0, {"--thorough", "--only", "meddles"});
  const std::string table = read_file(lab.out() / "mutants.md").value_or("");
  cr_expect_neq(table.find("| meddles | toy.1 | one.first | all | two.third | 80 |"),
                std::string::npos, "%s", table.c_str());
}

Test(mutants, names_the_mutant_that_cannot_be_graded) {
  const MutantLab lab;
  lab.write("scripts/stage",
            "#!/bin/sh\ncase \"$*\" in *slow*) echo no room; exit 3;; esac\n" + std::string(kStage),
            true);
  const std::string log = log_of_mutants(lab, 2);
  cr_expect_neq(log.find("the grader cannot grade `slow`"), std::string::npos, "%s", log.c_str());
}

}  // namespace sprat::grading
