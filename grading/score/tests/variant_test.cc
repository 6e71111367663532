// variant_test.cc — mutants and alternatives of a toy lab: every way to differ from the declaration is reported.

#include "score/variant.hh"

#include <criterion/criterion.h>
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "score/setup_error.hh"
#include "score/tests/toy_mutants.hh"

namespace sprat::grading {
namespace {

// A result of the toy lab's tests; a test that is not named was not asked for.
Result result_with(const std::map<std::string, Verdict>& verdicts, int score = 100) {
  Result result;
  result.facts.verdict = Verdict::ok;
  result.max_score = 100;
  result.score = score;
  for (const Test& test : toy_manifest().tests) {
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

Sentences deviations_of(const Variant& variant, const Result& result) {
  return deviations(variant, toy_manifest(), result);
}

const Variant kMutantOfFirst{Variant::Kind::mutant, "m", "", {"toy.1"}, {"one.first"}};
const Variant kMutantOfSecond{Variant::Kind::mutant, "m", "", {"toy.2"}, {"two.third"}};
const Variant kAlternative{Variant::Kind::alternative, "a", ""};

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
  const MutantLab lab;
  lab.write("labs/7-toy/mutants.toml", edited_mutants("\"one.first\"", "\"two.third\""));
  try {
    lab.variants();
    cr_assert_fail("a test of another exercise catches the mutant");
  } catch (const SetupError& error) {
    cr_expect_eq(
        std::string(error.what()),
        "labs/7-toy/mutants.toml:5: error: mutant 'forgets-first' edits toy.1, and 'two.third' "
        "is a test of toy.2; name a test of the exercise it edits\n");
  }
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

Test(telling_tests, include_tests_that_must_fail_and_some_that_must_not) {
  const Manifest manifest = toy_manifest();
  cr_expect(telling_tests(kAlternative, manifest).empty());
  // A test that needs toy.1 may fail or pass: it tells nothing about a mutant of toy.1.
  cr_expect(telling_tests(kMutantOfFirst, manifest) == Sentences{"one.first"});
  Sentences tests = telling_tests(kMutantOfSecond, manifest);
  std::sort(tests.begin(), tests.end());
  cr_expect(tests == Sentences({"one.first", "one.second", "two.third"}));
}

Test(run_on_host, all_tests_of_a_lab_do_when_each_of_them_does) {
  Manifest manifest = toy_manifest();
  cr_expect(!run_on_host({}, manifest), "this lab boots machines");
  for (Test& test : manifest.tests) test.machine = "host";
  cr_expect(run_on_host({}, manifest));
}

Test(telling_tests, of_one_mutant_in_four_run_on_machines_though_it_is_caught_on_the_host) {
  Manifest manifest = toy_manifest();
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

}  // namespace sprat::grading
