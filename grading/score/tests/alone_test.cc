// alone_test.cc — exercises of a submission by themselves: a bug costs its own exercise only, no submission gains by breaking
// another one, and nothing of the reference comes out.

#include "score/alone.hh"

#include <criterion/criterion.h>
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "score/files.hh"
#include "score/json_files.hh"
#include "score/tests/toy_lab.hh"

namespace sprat::grading {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kSecret = "SECRET-7341";

// scripts/stage of a lab whose exercises are the files 1 and 2.
constexpr const char* kToyStage = R"(#!/bin/sh
alone= answers=
while [ $# -gt 0 ]; do
  case $1 in
    --tree) tree=$2; shift;; --out) out=$2; shift;; --answers) answers=$2; shift;; --alone) alone=$2; shift;;
  esac
  shift
done
mkdir -p "$out/kernel"
for n in 1 2; do
  from=${answers:-$tree/starter}
  case $alone in ''|toy.$n) ;; *) from=$tree/reference;; esac
  cp "$from/$n" "$out/kernel/$n"
done
cp "$tree/Makefile.toy" "$out/Makefile"
cp "$tree/link" "$out/kernel"
echo 'lab = "toy"' >"$out/.stage"
if [ "$alone" ] && cmp -s "$answers/1" "$out/kernel/1" && cmp -s "$answers/2" "$out/kernel/2"; then exit 4; fi
)";

constexpr const char* kUnanswered = R"(#!/bin/sh
for n in 1 2; do if grep -q starter "$1/kernel/$n"; then echo toy.$n; fi; done
)";

constexpr const char* kToyMakefile = R"(artifacts: build/graded/1.o build/graded/2.o
	@sh kernel/link
N = $(basename $(@F))
build/graded/1.o build/graded/2.o: kernel/1 kernel/2
	@mkdir -p build/graded/kernel
	@if grep -q steals kernel/$N; then cp $@ $@.mine 2>/dev/null || touch $@.mine; fi
	@if grep -q tells kernel/$N; then cat kernel/1 kernel/2; fi
	@if grep -q alone kernel/$N && cat kernel/1 kernel/2 | grep -q reference; then cat kernel/1 kernel/2; exit 1; fi
	@cp kernel/$N $@
)";

// The toy lab's artifacts: exercise 2 is right only in a tree with a right 1.
constexpr const char* kToyLink = R"(
cd build/graded
right() { grep -q -e right -e reference -e quirky $1.o || { grep -q steals $1.o && grep -q reference $1.o.mine; }; }
{
  if grep -q tells 2.o; then
    cat ../../kernel/1 ../../kernel/2; echo 'two.third tells measure.steps tells'
  fi
  if ! right 1 || ! right 2 || grep -q quirky 1.o; then echo 'measure.steps slow'; echo 'two.third panic'; fi
  if ! right 1; then echo 'one.second wrong_answer'; fi
} >kernel/behaviour
)";

class Lab : public ToyLab {
 public:
  Lab() {
    write("scripts/stage", kToyStage, true);
    write("scripts/unanswered", kUnanswered, true);
    write("Makefile.toy", kToyMakefile);
    write("link", kToyLink);
    for (const char* n : {"1", "2"}) {
      write(fmt::format("reference/{}", n), fmt::format("reference {}\n", kSecret));
      write(fmt::format("starter/{}", n), "starter\n");
    }
  }

  // Grades a submission with these two answers.
  Result graded(const std::string& first, const std::string& second) {
    write("mine/1", first + "\n");
    write("mine/2", second + "\n");
    Grading grading = this->grading("");
    grading.submission = root() / "mine";
    grading.stage = root() / "scripts" / "stage";
    grading.run_seconds = 60;
    steps.clear();
    grading.on_step = [&](std::string_view step) { steps += std::string(step) + "\n"; };
    return grade(grading, manifest());
  }

  bool said(const std::string& text) const { return steps.find(text) != std::string::npos; }

  std::string steps;
};

const ExerciseResult& exercise_of(const Result& result, const std::string& id) {
  return *std::find_if(result.exercises.begin(), result.exercises.end(),
                       [&](const ExerciseResult& exercise) { return exercise.id == id; });
}

// All that a grading has left, as one text.
std::string all_that_is_left(const fs::path& folder) {
  std::string text;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    text += entry.path().string() + "\n";
    if (entry.is_regular_file()) text += read_file(entry.path()).value_or("");
  }
  return text;
}

}  // namespace

Test(alone, a_bug_costs_its_own_exercise_only) {
  Lab lab;
  const Result result = lab.graded("wrong", "right");
  cr_expect_eq(result.tree_score, 30);
  cr_expect_eq(result.score, 80, "%d", result.score);
  const ExerciseResult& second = exercise_of(result, "toy.2");
  cr_expect(second.solved);
  cr_expect_eq(second.explanation, "Right by itself; it failed only because of exercise 1: +50.",
               "%s", second.explanation.c_str());
  cr_expect(exercise_of(result, "toy.1").explanation.empty());
  cr_expect_eq(result.tests[2].verdict, Verdict::panic, "the reading of the tree stands");
  cr_expect_eq(result.tests[2].alone, std::optional(true));
  cr_expect_eq(result.tests[2].fails_after, std::vector<std::string>{"toy.1"});
  cr_expect_eq(result.tests[1].alone, std::optional(false));
  cr_expect_eq(result.checkpoints[0].alone_band, "within 1.10x");
  cr_expect_eq(result.checkpoints[0].tree_points, 0);
  cr_expect_eq(to_json(read_result(lab.out() / "result.json")), to_json(result));
  cr_expect_eq(to_json(judge_again(lab.out(), lab.manifest())), to_json(result));
}

Test(alone, points_of_an_exercise_depend_on_no_other_one) {
  Lab lab;
  for (const char* second : {"right", "wrong"})
    for (const char* first : {"right", "wrong", "quirky", "starter"}) {
      const Result result = lab.graded(first, second);
      const bool is_right = std::string(second) == "right";
      cr_expect_eq(exercise_of(result, "toy.2").points, is_right ? 50 : 0, "%s, %s: %d", first,
                   second, exercise_of(result, "toy.2").points);
    }
}

Test(alone, untouched_exercise_is_not_tried_and_lets_others_wait) {
  Lab lab;
  const Result result = lab.graded("starter", "right");
  cr_expect_eq(result.score, 50);
  cr_expect_eq(result.tree_score, 0);
  cr_expect(!exercise_of(result, "toy.1").answered);
  cr_expect_eq(result.tests[2].verdict, Verdict::not_run);
  cr_expect_eq(result.tests[2].waits_for, std::vector<std::string>{"toy.1"});
  cr_expect(lab.said("trying exercise 2 by itself, 2 tests again") && !lab.said("exercise 1"), "%s",
            lab.steps.c_str());
  cr_expect(!lab.said("running the tests"), "there is nothing to run");

  const Result starter = lab.graded("starter", "starter");
  cr_expect_eq(starter.score, 0);
  cr_expect(!lab.said("by itself") && !lab.said("running the tests"), "%s", lab.steps.c_str());
}

Test(alone, only_tests_that_can_win_points_run_again) {
  Lab lab;
  lab.graded("right", "right");
  cr_expect(!lab.said("by itself"), "%s", lab.steps.c_str());
  lab.graded("wrong", "right");
  cr_expect(lab.said("trying exercise 1 by itself, 1 test again") &&
                lab.said("trying exercise 2 by itself, 2 tests again"),
            "%s", lab.steps.c_str());
}

Test(alone, the_very_same_tree_is_not_tried_again) {
  Lab lab;
  const Result result = lab.graded("wrong", fmt::format("reference {}", kSecret));
  cr_expect_eq(result.facts.alone.size(), 1U);
  cr_expect_eq(result.facts.alone[0].exercise, "toy.2");
}

Test(alone, nothing_of_the_reference_comes_out) {
  Lab lab;
  const fs::path room = lab.root() / "room";
  fs::create_directories(room);
  setenv("TMPDIR", room.c_str(), 1);
  // It prints while it is compiled, in the console, in the answer and in the reason; the second one stops the build.
  for (const char* second : {"tells it", "right alone tells it"}) {
    const Result result = lab.graded("wrong answer", second);
    cr_expect_eq(exercise_of(result, "toy.2").points, 0);
    cr_expect_eq(result.facts.alone.size(), 2U, "it was not even tried");
    const std::string left = all_that_is_left(lab.out());
    cr_expect_eq(left.find(kSecret), std::string::npos, "%s", left.c_str());
    cr_expect(fs::is_empty(room), "%s", all_that_is_left(room).c_str());
    cr_expect_eq(lab.steps.find(kSecret), std::string::npos);
  }
  unsetenv("TMPDIR");
  // The tree as a whole is still seen in full.
  cr_expect_neq(all_that_is_left(lab.out()).find("right alone tells it"), std::string::npos);
}

Test(alone, a_build_that_fails_only_there_wins_nothing_and_says_so) {
  Lab lab;
  const Result result = lab.graded("wrong", "right alone");
  cr_expect_eq(result.score, 30);
  const std::string& says = exercise_of(result, "toy.2").explanation;
  cr_expect_neq(says.find("does not build with the reference's code"), std::string::npos, "%s",
                says.c_str());
}

// Exercise 1 is tried first, with the reference's code in 2. Its object code must be gone when 2 is compiled.
Test(alone, submission_cannot_read_object_code_of_the_reference) {
  Lab lab;
  const Result result = lab.graded("wrong", "steals");
  cr_expect_eq(exercise_of(result, "toy.2").points, 0);
  cr_expect_eq(result.facts.alone.size(), 2U);
}

}  // namespace sprat::grading
