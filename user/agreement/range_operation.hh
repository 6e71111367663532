// range_operation.hh — an operation of this core on all objects in a range of memory. It goes on if its caller goes away: other
// cores know of it.

#pragma once

#include "agreement/memory.hh"
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

  Phase phase = Phase::free;
  Range range;
  bool is_awaited = false;
  Waiter caller;
};

// co_await ended: until `operation`, which is in progress, has ended.
class RangeOperationEnded {
 public:
  explicit RangeOperationEnded(RangeOperation& operation) : operation_(operation) {
    operation_.is_awaited = true;
    operation_.caller.coroutine = {};
  }
  RangeOperationEnded(const RangeOperationEnded&) = delete;
  RangeOperationEnded& operator=(const RangeOperationEnded&) = delete;
  ~RangeOperationEnded() {
    operation_.is_awaited = false;
    operation_.caller.leave();
    operation_.caller.coroutine = {};
    if (operation_.phase == RangeOperation::Phase::over)
      operation_.phase = RangeOperation::Phase::free;
  }
  bool await_ready() const { return operation_.phase == RangeOperation::Phase::over; }
  void await_suspend(std::coroutine_handle<> waiting) { operation_.caller.coroutine = waiting; }
  void await_resume() const {}

 private:
  RangeOperation& operation_;
};

}  // namespace sprat::agreement
