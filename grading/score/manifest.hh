// manifest.hh — the contents of labs/N-name/lab.toml: a lab's exercises, tests and checkpoints.

#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

namespace sprat::grading {

struct Exercise {
  std::string id;  // "boot.1"
  std::string title;
  int points;           // of its tests and checkpoints together
  std::string handout;  // "handouts/1-boot.md#exercise-1"
};

struct Test {
  std::string name;  // "suite.test" of the lab's test binary
  std::string exercise;
  int points;
  std::vector<std::string> needs;  // exercises that must be solved before this test can pass
  // Exercises whose code it executes as well: it passes while they are open, and may fail when they are solved wrongly.
  std::vector<std::string> uses;
  std::string machine;
  std::string checks;
  std::string hint;

  // May a mistake in that exercise fail this test?
  bool depends_on(const std::string& other) const;
};

// A band holds the values up to `limit`, or from it when more is better.
struct Band {
  double limit;
  int points;
  std::string says;  // "within 1.10x", "at most 0"
};

struct Checkpoint {
  std::string name;
  std::string exercise;
  std::vector<std::string> needs;
  std::string test;  // the test that measures it, "suite.test"
  std::string unit;
  bool lower_is_better;
  double reference;
  std::vector<Band> bands;  // the best first

  int max_points() const { return bands.front().points; }
};

struct Manifest {
  std::string lab;  // "boot"
  int number;
  std::string title;
  std::vector<Exercise> exercises;
  std::vector<Test> tests;
  std::vector<Checkpoint> checkpoints;

  int max_points() const;

  // Null when there is none of that name.
  const Exercise* exercise(const std::string& id) const;
  const Test* test(const std::string& name) const;
};

// Returns the manifest of a lab of the tree `root`, which is trusted; the lab is called by its name or number ("boot",
// "1"). The tree's scripts/manifest reads and checks it. Throws SetupError: with file, line and what to do about each
// mistake in the manifest; with the labs there are; or with the output of a script that does not work.
Manifest read_manifest(const std::filesystem::path& root, const std::string& lab);

inline bool is_among(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace sprat::grading
