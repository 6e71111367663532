// walled_build.hh — the artifacts of a staged tree, made behind the wall from the files that they need, and from
// nothing else.

#pragma once

#include <filesystem>
#include <string>

#include "machine/wall.hh"
#include "score/job.hh"

namespace sprat::grading {

// Makes `to` hold the same as `from` of the regular files that artifacts are made of: no tests, no expected values, no
// manifests, no handouts, no sources of the grader. Files that differ are written anew, so that they are newer than
// their objects; the others keep their times; files that `from` lacks are deleted. Built files stay. Throws SetupError.
void update_tree(const std::filesystem::path& from, const std::filesystem::path& to);

// A folder in which trees are built, one after the other, so that make rebuilds only what differs.
class WalledBuild {
 public:
  explicit WalledBuild(std::filesystem::path place) : place_(std::move(place)) {}

  // Begins with all that is in another such folder, times included, so that make builds again only what differs. `this` must
  // be empty. Throws SetupError.
  void begin_as(const WalledBuild& other) const;

  // Makes `goal` of the tree, with `jobs` processes of make. The log goes to `log`.
  Job job(const std::filesystem::path& tree, const Wall& wall, const std::string& compiler,
          unsigned jobs, double most_seconds, const std::filesystem::path& log,
          const std::string& goal) const;

  // The goal of make for all artifacts of the tree's lab, and for one of them.
  static constexpr const char* kAll = "artifacts";
  static std::string goal(const std::string& artifact) { return "build/graded/kernel/" + artifact; }

  // Where they are then: sprat.elf, sprat-test.elf, subject-LAB.
  std::filesystem::path artifacts() const;

 private:
  std::filesystem::path place_;
};

}  // namespace sprat::grading
