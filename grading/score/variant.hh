// variant.hh — what a grader is tested with: wrong solutions that must lose, and other right ones
// that must not.

#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "score/manifest.hh"
#include "score/result.hh"

namespace sprat::grading {

struct Variant {
  enum class Kind { reference, mutant, alternative };

  Kind kind;
  std::string name;
  std::string says;             // what is different about it, in a sentence
  std::set<std::string> fails;  // exactly these tests
  int loses = 0;                // exactly so many points
  // Where cores race, tests that see it now and then: whenever one does, more may be lost.
  std::set<std::string> may_fail = {};
};

// The reference itself, the mutants of `lab_folder`/mutants.toml and the files of its
// alternatives/, in this order. Throws SetupError, with file and line, for one that names a test
// the lab does not have, or declares fewer points than its tests are worth.
std::vector<Variant> read_variants(const std::filesystem::path& lab_folder,
                                   const Manifest& manifest);

// How a result differs from what is declared, a sentence each; none when it does not. Of a mutant
// the last is what would have to be declared instead.
std::vector<std::string> deviations(const Variant& variant, const Result& result);

}  // namespace sprat::grading
