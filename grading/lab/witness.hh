// witness.hh — a trusted program as the scope saw it: the code that it may believe, and whether the guest's lines are
// that program's.

#pragma once

#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>

#include "score/scope_report.hh"

namespace sprat::grading {

// A built program whose code and tests do not lie where the linker was told to put them. Code under test is linked into it, so
// this is no trouble of the grader's.
struct CannotBeWatched : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// Returns the text that tells the scope about a program in a file (scope/trust.hh): a program of user space, which the
// kernel may enter at its entries only; or a kernel with tests in it. Throws CannotBeWatched.
std::string trust_in(const std::filesystem::path& file);

// Why the lines of the protocol with this nonce are not believed, in a paragraph for the student; empty when they are: each
// was said by the trusted program, in ring `ring`, which was entered in no other way than it expects.
std::string doubts(const ScopeReport& report, std::string_view protocol, std::string_view nonce,
                   unsigned ring);

}  // namespace sprat::grading
