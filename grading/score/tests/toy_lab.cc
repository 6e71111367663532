// toy_lab.cc — see toy_lab.hh.

#include "score/tests/toy_lab.hh"

#include <stdlib.h>

#include "score/files.hh"

namespace sprat::grading {

namespace fs = std::filesystem;

const char* const kToyManifest = R"([lab]
name = "toy"
number = 7
title = "Toy"
adds = ["kernel/**"]

[submission]
files = []

[[exercise]]
id = "toy.1"
title = "First steps"
points = 50
hours = 1.5
regions = { "toy.1a" = "kernel/a.cc" }
functions = ["first"]
handout = "handouts/7-toy.md#exercise-1"

[[exercise]]
id = "toy.2"
title = "Second steps"
points = 50
hours = 2
regions = { "toy.2" = "kernel/b.cc" }
functions = ["second"]
handout = "handouts/7-toy.md#exercise-2"

[[test]]
name = "one.first"
exercise = "toy.1"
points = 30
machine = "host"
checks = "the first thing"
hint = "begin at the beginning"

[[test]]
name = "one.second"
exercise = "toy.1"
points = 20
machine = "qemu-icount"
checks = "the second thing"
hint = "go on"

[[test]]
name = "two.third"
exercise = "toy.2"
points = 30
needs = ["toy.1"]
machine = "bochs"
checks = "the third thing"
hint = "and stop at the end"

[[checkpoint]]
name = "steps"
exercise = "toy.2"
needs = ["toy.1"]
test = "measure.steps"
unit = "steps"
better = "lower"
reference = 100
bands = [{ within = 1.1, points = 20 }, { within = 3.0, points = 10 }]
)";

ToyLab::ToyLab() {
  unsetenv("BXFI_MAP");  // by this Criterion knows a child of its own; the suite that is graded is
                         // not one
  write("labs/7-toy/lab.toml", kToyManifest);
  fs::create_directory(root() / "scripts");
  fs::create_symlink(fs::absolute("scripts/manifest"), root() / "scripts" / "manifest");
}

void ToyLab::write(const std::string& file, const std::string& text, bool executable) const {
  const fs::path path = root() / file;
  fs::create_directories(path.parent_path());
  write_file(path, text);
  if (executable) fs::permissions(path, fs::perms::owner_all);
}

Grading ToyLab::grading(const std::string& behaviour) const {
  write("artifacts/behaviour", behaviour);
  Grading grading;
  grading.root = root();
  grading.tests =
      fs::read_symlink("/proc/self/exe").parent_path().parent_path() / "host" / "toy-suite";
  grading.artifacts = root() / "artifacts";
  grading.out = out();
  grading.seed = 0x1234;
  grading.build_seconds = 20;
  grading.test_seconds = 2;
  grading.run_seconds = 20;
  return grading;
}

const Manifest& toy_manifest() {
  static const Manifest manifest = ToyLab().manifest();
  return manifest;
}

unsigned test_seed() {
  const char* given = std::getenv("SPRAT_TEST_SEED");
  return given ? static_cast<unsigned>(std::strtoul(given, nullptr, 0)) : std::random_device{}();
}

}  // namespace sprat::grading
