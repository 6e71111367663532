// manifest_test.cc — manifests as scripts/manifest hands them over. Mistakes in them: scripts/tests/manifest_test.py.

#include <criterion/criterion.h>

#include <cstdlib>
#include <string>

#include "score/manifest_json.hh"
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

// The error from reading the manifest of a lab; empty when there is none.
std::string complaint(const ToyLab& lab, const std::string& name = "toy") {
  try {
    read_manifest(lab.root(), name);
    return "";
  } catch (const SetupError& error) {
    return error.what();
  }
}

void expect_begin(const std::string& text, const std::string& begin) {
  cr_expect(text.starts_with(begin), "expected `%s…`, got `%s`", begin.c_str(), text.c_str());
}

}  // namespace

Test(manifest, is_read_as_written) {
  const Manifest manifest = ToyLab().manifest();
  cr_assert_eq(manifest.lab, "toy");
  cr_assert_eq(manifest.number, 7);
  cr_assert_eq(manifest.title, "Toy");
  cr_assert_eq(manifest.max_points(), 100);
  cr_assert_eq(manifest.exercises.size(), 2U);
  cr_assert_eq(manifest.exercise("toy.2")->handout, "handouts/7-toy.md#exercise-2");
  cr_assert_eq(manifest.exercise("toy.2")->title, "Second steps");
  const Test& third = *manifest.test("two.third");
  cr_assert_eq(third.needs.front(), "toy.1");
  cr_assert_eq(third.points, 30);
  cr_assert_eq(third.machine, "bochs");
  cr_assert_eq(third.checks, "the third thing");
  cr_assert_eq(manifest.test("one.first")->hint, "begin at the beginning");
  const Checkpoint& steps = manifest.checkpoints.front();
  cr_assert_eq(steps.max_points(), 20);
  cr_assert_eq(steps.exercise, "toy.2");
  cr_assert_eq(steps.needs.front(), "toy.1");
  cr_assert_eq(steps.test, "measure.steps");
  cr_assert_eq(steps.unit, "steps");
  cr_assert(steps.lower_is_better);
  cr_assert_float_eq(steps.reference, 100, 1e-9);
  cr_assert_float_eq(steps.bands[1].limit, 300, 1e-9);
  cr_assert_eq(steps.bands[1].says, "within 3.00x");
}

Test(manifest, every_mistake_arrives_with_its_line) {
  const ToyLab lab;
  std::string text = edited("bochs", "kvm");
  lab.write("labs/7-toy/lab.toml", text.replace(text.find("points = 50"), 11, "points = 49"));
  const std::string errors = complaint(lab);
  expect_begin(errors, "labs/7-toy/lab.toml:49: error: unknown machine 'kvm'; the machines are: ");
  cr_expect_neq(errors.find("\nlabs/7-toy/lab.toml:13: error: exercise toy.1 has 49 points"),
                std::string::npos, "%s", errors.c_str());
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

Test(manifest, grades_more_as_better_where_asked_to) {
  const ToyLab lab;
  lab.write("labs/7-toy/lab.toml", edited("better = \"lower\"", "better = \"higher\""));
  const Checkpoint steps = lab.manifest().checkpoints.front();
  cr_assert(!steps.lower_is_better);
  cr_assert_float_eq(steps.bands[0].limit, 100 / 1.1, 1e-9);
  cr_assert_float_eq(steps.bands[1].limit, 100 / 3.0, 1e-9);
}

Test(manifest, of_a_lab_is_found_by_name_or_number) {
  const ToyLab lab;
  for (const char* name : {"toy", "7", "7-toy"})
    cr_assert_eq(read_manifest(lab.root(), name).lab, "toy");
  for (const char* name : {"boot", "-n", "--variants", "../7-toy", "", "$(touch PWNED)"})
    expect_begin(complaint(lab, name), (lab.root() / "labs:1: error: there is no lab '").string() +
                                           name + "'; the labs are: 7-toy");
}

// As a submission would have to be for its own manifest to be taken.
Test(manifest, is_the_trusted_trees_whatever_folder_and_environment_are_around) {
  const ToyLab lab;
  const std::string fails = "raise SystemExit(9)\n";
  lab.write("handed-in/labs/7-toy/lab.toml", edited("points = 50", "points = 100"));
  lab.write("handed-in/scripts/manifest", "#!/bin/sh\nexit 9\n", true);
  for (const char* module : {"json.py", "staging/__init__.py", "sitecustomize.py"})
    lab.write(std::string("handed-in/") + module, fails);
  std::filesystem::current_path(lab.root() / "handed-in");
  setenv("PYTHONPATH", (lab.root() / "handed-in").c_str(), 1);
  setenv("PYTHONHOME", "/nowhere", 1);
  setenv("PYTHONSAFEPATH", "", 1);
  cr_expect_eq(complaint(lab), "");
  cr_expect_eq(lab.manifest().exercises.front().points, 50);
}

Test(manifest, script_that_does_not_work_is_named_with_its_output) {
  const ToyLab lab;
  const std::filesystem::path script = lab.root() / "scripts" / "manifest";
  std::filesystem::remove(script);
  expect_begin(complaint(lab), script.string() + " is missing; is ");
  lab.write("scripts/manifest", "#!/bin/sh\necho no room; exit 7\n", true);
  expect_begin(complaint(lab),
               script.string() + " exited with status 7; run make doctor. It printed: no room");
  lab.write("scripts/manifest", "#!/bin/sh\necho '{}'\n", true);
  expect_begin(complaint(lab), "scripts/manifest printed no manifest: ");
  lab.write("scripts/manifest", "#!/bin/sh\necho hello\n", true);
  expect_begin(complaint(lab), "scripts/manifest printed no manifest: ");
}

}  // namespace sprat::grading
