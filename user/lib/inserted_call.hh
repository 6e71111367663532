// inserted_call.hh — a function that is called before an instruction that has faulted, as if the program had called it there: enabled, on
// the stack of the interrupted code, whose registers are all as before when it returns. Then the instruction is tried again.
//
//   task            add [shared page], 1 ── page fault ─┐            ┌─▶ add [shared page], 1
//   upcall                                              └▶ insert ─┐ │
//   task, enabled                                                  └─▶ function()
//
// The upcall must not wait, because a process that is disabled is deaf; the function may.

#pragma once

#include "sprat/dispatcher_frame.hh"

namespace sprat {

// For a handler of upcalls.hh, which returns true then. Another call may be inserted when `function` has begun.
extern "C" void insert_call(DispatcherFrame& frame, void (*function)());

}  // namespace sprat
