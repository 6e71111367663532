// slot.hh — a place in which one variant after the other is built, so that make rebuilds only what differs.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "machine/run_directory.hh"
#include "score/grading.hh"
#include "score/result.hh"
#include "score/variant.hh"

namespace sprat::grading {

// One worker's place, in a temporary folder.
class Slot {
 public:
  // `common` belongs to all gradings; `lab` the lab's name. Both outlive the slot.
  Slot(const Grading& common, const std::string& lab) : common_(common), lab_(lab) {}

  // Stages the variant, builds and grades it by these tests, or by all if none is given; result and logs are in the folder
  // `common.out`/NAME. Only artifacts that these tests use are built. Throws SetupError when it cannot be staged.
  Result grade_variant(const Variant& variant, const Manifest& manifest,
                       const std::vector<std::string>& tests = {}) const;

 private:
  void stage(const Variant& variant, const std::filesystem::path& log) const;
  std::filesystem::path tree() const { return folder_.path() / "tree"; }

  RunDirectory folder_;
  const Grading& common_;
  const std::string& lab_;
};

}  // namespace sprat::grading
