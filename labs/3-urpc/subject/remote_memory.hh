// remote_memory.hh — what this program believes to be shared memory, a machine and a peer is on the other side of the pipe:
// each access is a line of its own, and whoever asks decides what comes of it.
//
//   load 1f acquire        -> the word's value            store 1f release 2a        fence
//   now                    -> the time in cycles          relax        sleep         bell a
//
// Words are counted from the beginning of the frame. Lines that ask for nothing are answered by anything.

#pragma once

#include <functional>
#include <string>

#include "question.hh"
#include "urpc/ring.hh"

namespace subject {

// Tells whoever asks, and gives the answer.
std::uint64_t tell(const std::string& line);

// Words are counted from here.
void set_frame(const sprat::urpc::Line* first_line);

// Where words are: on the other side, in a schedule that runs (schedule.hh), or just here.
enum class Memory { remote, simulated, local };

// What happens at each fence while words are just here.
extern std::function<void()> at_fence;

// While it lives, they are there.
class MemoryIs {
 public:
  explicit MemoryIs(Memory memory);
  ~MemoryIs();
  MemoryIs(const MemoryIs&) = delete;
  MemoryIs& operator=(const MemoryIs&) = delete;
};

}  // namespace subject
