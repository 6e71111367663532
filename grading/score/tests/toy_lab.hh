// toy_lab.hh — a lab of two exercises in a temporary folder, for tests of the grader without
// emulators.

#pragma once

#include <filesystem>
#include <string>

#include "machine/run_directory.hh"
#include "score/grading.hh"
#include "score/manifest.hh"

namespace sprat::grading {

// Its manifest: toy.1 with one.first (30) and one.second (20); toy.2 with two.third (30) and the
// checkpoint `steps` (20 up to 110, 10 up to 300), which needs toy.1.
extern const char* const kToyManifest;

// A tree with that lab and our scripts/manifest; goes away with the object.
class ToyLab {
 public:
  ToyLab();

  const std::filesystem::path& root() const { return folder_.path(); }
  std::filesystem::path out() const { return root() / "out"; }

  // Grades artifacts that make the suite behave as `behaviour` says (see toy_suite.cc), with short
  // limits.
  Grading grading(const std::string& behaviour) const;

  Manifest manifest() const { return read_manifest(root(), "toy"); }

  // Writes `text` to a file below root(), and makes it executable when asked to.
  void write(const std::string& file, const std::string& text, bool executable = false) const;

 private:
  RunDirectory folder_;
};

// The toy lab's manifest as it is written, read once in each process.
const Manifest& toy_manifest();

// The seed of random tests: another number each time, or SPRAT_TEST_SEED. They print it when they fail.
unsigned test_seed();

}  // namespace sprat::grading
