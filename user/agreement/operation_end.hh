// operation_end.hh — a caller waits for the end of an operation that this core has begun. If the caller goes away before, the operation
// goes on, for other cores know of it.

#pragma once

#include "lib/task.hh"

namespace sprat::agreement {

// co_await end: waits until `operation` is over; gives its outcome(), and frees it. The operation has a phase, of which `free`
// and `over` are two, a Waiter `caller`, and `is_awaited`: the operation must be over before it is free.
template <class Operation>
class OperationEnd {
 public:
  explicit OperationEnd(Operation& operation) : operation_(operation) {
    operation_.is_awaited = true;
    operation_.caller.coroutine = {};
  }
  OperationEnd(const OperationEnd&) = delete;
  OperationEnd& operator=(const OperationEnd&) = delete;
  ~OperationEnd() {
    operation_.is_awaited = false;
    operation_.caller.leave();
    operation_.caller.coroutine = {};
    if (operation_.phase == Operation::Phase::over) operation_.phase = Operation::Phase::free;
  }
  bool await_ready() const { return operation_.phase == Operation::Phase::over; }
  void await_suspend(std::coroutine_handle<> waiting) { operation_.caller.coroutine = waiting; }
  auto await_resume() const { return operation_.outcome(); }

 private:
  Operation& operation_;
};

}  // namespace sprat::agreement
