// manifest_test.cc — manifests are read strictly, and every mistake is named with its line.

#include <criterion/criterion.h>

#include <string>

#include "score/setup_error.hh"
#include "score/tests/toy_lab.hh"

namespace sprat::grading {
namespace {

// The toy manifest with the first `old` replaced.
std::string edited(const std::string& old, const std::string& replacement) {
  std::string text = kToyManifest;
  const std::size_t at = text.find(old);
  cr_assert(at != std::string::npos, "the toy manifest has no `%s`", old.c_str());
  return text.replace(at, old.size(), replacement);
}

// The error from reading the manifest; empty when there is none.
std::string complaint_about(const std::string& manifest) {
  const ToyLab lab;
  lab.write("labs/7-toy/lab.toml", manifest);
  try {
    lab.manifest();
    return "";
  } catch (const SetupError& error) {
    const std::string message = error.what();
    const std::string folder = (lab.root() / "labs/7-toy/").string();
    return message.starts_with(folder) ? message.substr(folder.size()) : message;
  }
}

void expect_complaint(const std::string& old, const std::string& replacement,
                      const std::string& begin) {
  const std::string complaint = complaint_about(edited(old, replacement));
  cr_expect(complaint.starts_with(begin), "`%s` for `%s`: expected `%s…`, got `%s`",
            replacement.c_str(), old.c_str(), begin.c_str(), complaint.c_str());
}

}  // namespace

Test(manifest, is_read_as_written) {
  const Manifest manifest = ToyLab().manifest();
  cr_assert_eq(manifest.lab, "toy");
  cr_assert_eq(manifest.number, 7);
  cr_assert_eq(manifest.max_points(), 100);
  cr_assert_eq(manifest.exercises.size(), 2U);
  cr_assert_eq(manifest.exercise("toy.2")->handout, "handouts/7-toy.md#exercise-2");
  cr_assert_eq(manifest.test("two.third")->needs.front(), "toy.1");
  cr_assert_eq(manifest.test("one.first")->hint, "begin at the beginning");
  const Checkpoint& steps = manifest.checkpoints.front();
  cr_assert_eq(steps.max_points(), 20);
  cr_assert_float_eq(steps.bands[1].limit, 300, 1e-9);
  cr_assert_eq(steps.bands[1].says, "within 3.00x");
}

Test(manifest, names_the_line_of_every_mistake) {
  expect_complaint("number = 7", "number = \"7\"", "lab.toml:3: `number` must be a whole number");
  expect_complaint("number = 7", "numbr = 7", "lab.toml:1: `number` is missing");
  expect_complaint("title = \"Toy\"", "title = \"Toy\"\ncolour = 1",
                   "lab.toml:5: `colour` is no key known here");
  expect_complaint("title = \"Toy\"", "title = \"Toy", "lab.toml:4: ");
  expect_complaint("points = 50", "points = 49",
                   "lab.toml:10: exercise `toy.1` says 49 points, but its tests");
  expect_complaint("points = 30", "points = 101",
                   "lab.toml:28: `points` must be a whole number from 0 to 100");
  expect_complaint("id = \"toy.2\"", "id = \"toy.1\"",
                   "lab.toml:17: exercise `toy.1` stands here a second time");
  expect_complaint("id = \"toy.1\"", "id = \"one\"",
                   "lab.toml:8: exercise `one` must begin with the lab's name");
  expect_complaint("toy.1a", "toy.2a", "lab.toml:12: region `toy.2a` must be `toy.1`");
  expect_complaint("exercise = \"toy.1\"", "exercise = \"toy.3\"",
                   "lab.toml:27: `toy.3` is no exercise of this lab");
  expect_complaint("one.second", "one.first",
                   "lab.toml:34: test `one.first` stands here a second time");
  expect_complaint("one.second", "second", "lab.toml:34: `second` must be \"suite.test\"");
  expect_complaint("bochs", "kvm", "lab.toml:46: machine `kvm` must be");
  expect_complaint("needs = [\"toy.1\"]", "needs = [\"toy.9\"]",
                   "lab.toml:45: `needs` names `toy.9`");
  expect_complaint("needs = [\"toy.1\"]", "uses = [\"toy.9\"]",
                   "lab.toml:45: `uses` names `toy.9`");
  expect_complaint("needs = [\"toy.1\"]", "needs = [\"toy.1\"]\nuses = [\"toy.1\"]",
                   "lab.toml:46: `two.third` depends on `toy.1` anyway");
  expect_complaint("needs = [\"toy.1\"]", "uses = [\"toy.2\"]",
                   "lab.toml:45: `two.third` depends on `toy.2` anyway");
  expect_complaint("within = 1.1", "within = 0.9", "lab.toml:58: `within` is a factor");
  expect_complaint("within = 1.1", "within = 4.0",
                   "lab.toml:58: the bands of `steps` must go from narrow to wide");
  expect_complaint("within = 1.1,", "", "lab.toml:58: a band of `steps` needs");
  expect_complaint("better = \"lower\"", "better = \"less\"", "lab.toml:56: `better` must be");
}

Test(manifest, knows_which_exercises_a_test_depends_on) {
  const ToyLab lab;
  const Test third = *lab.manifest().test("two.third");
  cr_expect(third.depends_on("toy.2") && third.depends_on("toy.1"));
  cr_expect_not(lab.manifest().test("one.first")->depends_on("toy.2"));
  lab.write("labs/7-toy/lab.toml", edited("needs = [\"toy.1\"]", "uses = [\"toy.1\"]"));
  const Test using_it = *lab.manifest().test("two.third");
  cr_expect(using_it.needs.empty() && using_it.depends_on("toy.1"));
}

Test(manifest, refuses_a_lab_that_is_not_worth_100_points) {
  std::string text = edited("points = 50", "points = 30");
  text.replace(text.find("points = 30\nmachine = \"host\""), 11, "points = 10");
  cr_assert_eq(complaint_about(text),
               "lab.toml:1: the exercises of lab `toy` sum to 80 points; make it 100");
}

Test(manifest, grades_more_as_better_where_asked_to) {
  const ToyLab lab;
  lab.write("labs/7-toy/lab.toml", edited("better = \"lower\"", "better = \"higher\""));
  const Checkpoint steps = lab.manifest().checkpoints.front();
  cr_assert(!steps.lower_is_better);
  cr_assert_float_eq(steps.bands[0].limit, 100 / 1.1, 1e-9);
  cr_assert_float_eq(steps.bands[1].limit, 100 / 3.0, 1e-9);
}

Test(manifest, finds_a_lab_by_name_or_number) {
  const ToyLab lab;
  for (const char* name : {"toy", "7", "7-toy"})
    cr_assert_eq(find_lab(lab.root(), name).filename(), "7-toy");
  try {
    find_lab(lab.root(), "boot");
    cr_assert_fail("there is no lab `boot`");
  } catch (const SetupError& error) {
    cr_assert_eq(std::string(error.what()), "there is no lab `boot`; the labs are: 7-toy");
  }
}

}  // namespace sprat::grading
