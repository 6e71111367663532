// upcall.hh — how a dispatcher leaves the processor and how it comes back: upcalled, unless it was disabled.
//
//   time ──────▶
//   enabled code ─┐ timer                                   ┌─ enabled code resumes
//                 │                                         │  (the process's own scheduler decides)
//                 ▼ save: `enabled`        upcall run ─▶ [disabled] ─ resume `enabled`
//   kernel ───────┴──────── others run ────────┘
//
//   disabled code ─┐ timer                 ┌─ resumes in place, as if nothing had happened
//                  ▼ save: `disabled`      │
//   kernel ────────┴──── others run ───────┘

#pragma once

#include "dispatch/dispatcher.hh"

namespace sprat::dispatch {

// Returns whether the dispatcher is in the middle of an upcall, or of the last instructions of one: it is not to be
// upcalled at `rip`.
inline bool is_disabled(const Dispatcher& dispatcher, std::uint64_t rip) {
  const SharedFrame& shared = *dispatcher.frame;
  return shared.is_disabled.load() != 0 ||
         (rip >= shared.critical_begin.load() && rip < shared.critical_end.load());
}

// Saves the registers of `frame` in the dispatcher's frame, and notes how it will resume.
void save(Dispatcher& dispatcher, const x86::TrapFrame& frame);

// Fills `frame` with the registers at which the dispatcher, which is the current one, resumes: in place or by the
// upcall `run`. Returns false if it was stopped, because the saved rip, or the upcall's entry or stack, is not an
// address of user code.
bool go_on(Dispatcher& dispatcher, x86::TrapFrame& frame);

// Fills `frame` with registers that user code may have: `registers` with an interrupt flag, no privileges, and segments
// of the kernel's choice. Returns false, and fills nothing, if rip is not a user address.
bool restore(const Registers& registers, x86::TrapFrame& frame);

// Fills `frame` with the beginning of an upcall and disables the dispatcher. Returns false if it was stopped, as above.
bool upcall(Dispatcher& dispatcher, Upcall which, x86::TrapFrame& frame);

// Handles an exception of the current dispatcher: upcalls it, or stops it if it is disabled and lets the next one run.
void deliver_trap(x86::TrapFrame& frame);

}  // namespace sprat::dispatch
