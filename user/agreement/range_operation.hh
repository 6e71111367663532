// range_operation.hh — an operation of this core on all objects in a range of memory.

#pragma once

#include "agreement/memory.hh"
#include "agreement/operation_end.hh"
#include "agreement/platform.hh"

namespace sprat::agreement {

struct RangeOperation {
  enum class Phase : std::uint8_t { free, in_progress, over };

  bool is_free() const { return phase == Phase::free; }
  bool is_in_progress() const { return phase == Phase::in_progress; }
  bool concerns(std::uint64_t address) const { return is_in_progress() && range.has(address); }

  void begin(Range new_range) {
    phase = Phase::in_progress;
    range = new_range;
  }

  void end(Platform& platform) {
    phase = is_awaited ? Phase::over : Phase::free;
    if (caller.coroutine) platform.make_ready(caller);
  }

  void outcome() const {}

  Phase phase = Phase::free;
  Range range;
  bool is_awaited = false;
  Waiter caller;
};

}  // namespace sprat::agreement
