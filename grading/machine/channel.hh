// channel.hh — the bytes from one pipe so far, never more than its limit.

#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace sprat::grading {

using Clock = std::chrono::steady_clock;

inline double seconds_between(Clock::time_point from, Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

// The reading end of a pipe whose writing end goes to a child. Move-only owner of both.
class Channel {
 public:
  // A pipe that holds as much as this system allows before its writer has to wait, so that a
  // guest's timing does not depend on ours. Throws MachineError when there are no more pipes.
  explicit Channel(std::size_t limit_bytes);
  // Reads from `descriptor`, which it owns from now on, instead of from a pipe.
  Channel(int descriptor, std::size_t limit_bytes);
  ~Channel();
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;

  int descriptor() const { return reader_; }
  int child_end() const { return writer_; }
  void close_child_end();  // once the child has it

  // Takes the bytes that are there without waiting, up to the limit; bytes beyond it are thrown away. Returns
  // the new bytes.
  std::string_view pump();

  const std::string& text() const { return text_; }
  bool flooded() const { return flooded_; }
  bool open() const { return reader_ >= 0; }
  Clock::time_point last_output() const { return last_output_; }  // of its making, before any

 private:
  int reader_ = -1;
  int writer_ = -1;
  std::size_t limit_;
  bool flooded_ = false;
  std::string text_;
  Clock::time_point last_output_ = Clock::now();
};

}  // namespace sprat::grading
