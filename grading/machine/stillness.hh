// stillness.hh — tells a machine that has halted for good from one that is only slow, or starved by
// others.

#pragma once

#include <cstdint>
#include <optional>

namespace sprat::grading {

// The observable state of a running emulator at one moment.
struct Observation {
  double seconds = 0;                     // since it was started, wall time
  std::optional<std::uint64_t> executed;  // instructions so far, if they are counted
  double cpu_seconds = 0;                 // processor time the emulator has used
  bool runnable = false;                  // it runs, or waits for a processor
};

// A machine is still once its guest has executed nothing for a while although it could have: either
// the emulator used processor time and the count of instructions did not move (it handles timers that wake no vCPU), or
// the emulator slept. An emulator that is runnable and gets no processor time is starved, and proves nothing.
class StillnessWatch {
 public:
  explicit StillnessWatch(double patience_seconds) : patience_seconds_(patience_seconds) {}

  // True when nothing has moved for the patience. Observations come in the order of time.
  bool still(const Observation& now);

 private:
  double patience_seconds_;
  Observation since_;  // the last moment at which something moved
};

}  // namespace sprat::grading
