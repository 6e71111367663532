// written.hh — the tests that a student has written are tried on protocols, right and wrong.
//
// A student's test runs in a process of its own, and the protocol in another one; this program is the world between the two. So a
// test sees lines and calls, and nothing of a protocol's code. The output of the process of the tests is not kept, and of all that it
// finds out only counts go on.

#pragma once

#include <filesystem>
#include <memory>
#include <set>

#include "machine/subject.hh"
#include "world.hh"

namespace lab {

// A protocol on which tests are tried.
struct Protocol {
  std::string name;
  std::filesystem::path program;
  std::function<void(CoreNumber, Answer&)> bend{};  // a right one that is made wrong on the way
  bool is_right = false;
};

class Written {
 public:
  enum class Finding { right, wrong, broken };

  explicit Written(Trial& trial);

  const std::vector<std::string>& names() const { return names_; }

  // Plays test `which` on `protocol` with several seeds, until it says `wrong` or breaks.
  Finding play(std::size_t which, const Protocol& protocol, unsigned seeds);

  // After `broken`: why. After `wrong` about the student's own protocol: the log.
  const std::string& why() const { return why_; }
  const std::string& log() const { return log_; }

  // The right protocols: of the course; or, in a student's tree, the student's own.
  const std::vector<Protocol>& right() const { return right_; }
  // The wrong ones: those of the course, which are not in a student's tree, and some that are.
  const std::vector<Protocol>& wrong() const { return wrong_; }
  bool has_protocols_of_the_course() const { return !right_[0].name.empty(); }

  // Plays each of them on all right protocols. Returns the ones that accept all, and notes the others in `rejects`.
  std::vector<std::size_t> valid_tests(std::string& others);

 private:
  Finding play_once(std::size_t which, const Protocol& protocol);

  Trial& trial_;
  std::vector<std::string> names_;
  std::vector<Protocol> right_, wrong_;
  std::unique_ptr<sprat::grading::Subject> tests_, monitors_;
  std::string monitors_are_;  // the program that runs now
  std::string tried_on_;      // the protocol
  std::string why_, log_;
};

}  // namespace lab
