// remote_memory.hh — shared memory, the machine and the peer are on the other side of the pipe: each access is a line of its
// own, and the test decides its result.
//
//   load 1f acquire        -> the word's value            store 1f release 2a        fence
//   now                    -> the time in cycles          relax        sleep         signal a
//
// Words are counted from the beginning of the frame. Lines that ask for nothing are answered by anything.

#pragma once

#include <functional>
#include <string>

#include "question.hh"
#include "urpc/ring.hh"

namespace subject {

// Writes a line to the test, and gives the test's answer.
std::uint64_t tell(const std::string& line);

// Words are counted from here.
void set_frame(const sprat::urpc::Line* first_line);

// The place of words: on the other side, in a schedule that runs (schedule.hh), or in this program.
enum class Memory { remote, simulated, local };

// Is called at each fence while words are in this program.
extern std::function<void()> at_fence;

// While it lives, words are in `memory`.
class MemoryIs {
 public:
  explicit MemoryIs(Memory memory);
  ~MemoryIs();
  MemoryIs(const MemoryIs&) = delete;
  MemoryIs& operator=(const MemoryIs&) = delete;
};

}  // namespace subject
