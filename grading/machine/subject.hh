// subject.hh — an untrusted program behind two pipes: it is asked a line and answers
// a line.

#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "machine/wall.hh"
#include "score/verdict.hh"

namespace sprat::grading {

struct SubjectConfig {
  std::filesystem::path program;
  std::vector<std::string> arguments = {};
  unsigned cpu_seconds = 10;   // processor time for its whole life
  double answer_seconds = 10;  // wall time for one answer on an idle computer; grows with its load
  std::size_t memory_bytes =
      512UL << 20;  // resident; address space is not limited, sanitizers reserve terabytes
  std::size_t answer_limit = 1 << 20;  // bytes of one answer
  std::size_t log_limit = 1 << 20;     // bytes on its standard error
  Wall wall = Wall::standing();
};

// Ends, with all its processes, when this object does.
class Subject {
 public:
  // Starts the program. Throws MachineError when that cannot be done.
  explicit Subject(const SubjectConfig& config);
  ~Subject();
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;

  // Sends the line and waits for one line back, without its end. Nothing when none came: then the
  // program is over, and verdict() and explanation() say why. A line that was there before the
  // question makes the verdict `forged`.
  std::optional<std::string> ask(std::string_view line);

  // Says that nothing more will be asked and waits for the program to end by itself, which it must
  // do with status 0.
  Verdict finish();

  Verdict verdict() const;                 // ok as long as nothing went wrong
  const std::string& explanation() const;  // what went wrong, and the next thing to try
  const std::string& log() const;          // its standard error: sanitizers report there

 private:
  class Conversation;
  std::unique_ptr<Conversation> conversation_;
};

}  // namespace sprat::grading
