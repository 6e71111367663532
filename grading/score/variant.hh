// variant.hh — the submissions that test a grader: wrong solutions that must lose, and other right ones
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
  std::string says;  // what is different about it, in a sentence
  // Of a mutant: the exercises whose regions it edits, and tests of them that must fail. Tests that depend on those exercises
  // may fail, all others must pass.
  std::set<std::string> exercises = {};
  std::vector<std::string> caught_by = {};
};

// Returns the reference itself, the mutants and the alternatives of a lab, in this order: as read_manifest, and with the
// same errors. A mutant edits regions of the lab, and one to three tests of their exercises catch it.
std::vector<Variant> read_variants(const std::filesystem::path& root, const std::string& lab);

// Returns the tests that tell whether a mutant does as declared: the tests that must fail, and a few that must pass,
// the same ones each time. A mutant that is caught on the host is run on no machine, but for one mutant in four. Empty,
// which means all tests: for the reference and alternatives.
std::vector<std::string> telling_tests(const Variant& variant, const Manifest& manifest);

// Returns whether all these tests run on the host. No test means all.
bool run_on_host(const std::vector<std::string>& tests, const Manifest& manifest);

// Returns the tests of a result that were asked for and failed.
std::vector<std::string> failures(const Result& result);

// How a result differs from the declaration, a sentence each; none when it does not. Tests that were not asked for say
// nothing.
std::vector<std::string> deviations(const Variant& variant, const Manifest& manifest,
                                    const Result& result);

}  // namespace sprat::grading
