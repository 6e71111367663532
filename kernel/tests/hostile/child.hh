// child.hh — attempts that may fail: code that runs enabled, so that its traps come back as upcalls.

#pragma once

#include <type_traits>

#include "grading/guest/sequence.hh"
#include "lib/startup.hh"
#include "lib/system_call.hh"
#include "report.hh"

namespace sprat::hostile {

extern "C" {
// Runs code(argument) enabled, from the beginning again whenever another dispatcher had a turn; returns the vector of
// its trap, or kNotTrapped.
std::uint64_t attempt(void (*code)(void*), void* argument);

// For `attempt`: SYSCALL with these registers; only rip is not used.
void system_call_with(void* registers);
// SYSCALL right after POPF with these flags, and right after `mov ss` with the single step pending.
void system_call_with_flags(void* flags);
void system_call_after_mov_ss(void* flags);
// Jumps to registers.rip with these registers.
void jump_with(void* registers);
extern std::uint64_t status_of_attempt;  // rax after the system call

// Entries of the two kinds of children; the entries that `attempt` needs for upcalls.
void attacker_begins();
void neighbour_begins();
void attempt_again();
void attempt_trapped();
void attempt_called();
}

inline DispatcherFrame& own_frame() {
  return *reinterpret_cast<DispatcherFrame*>(kFirstDispatcherFrame.value());
}
inline Report& report() { return *reinterpret_cast<Report*>(kReportAddress.value()); }

template <class Code>
std::uint64_t trap_of(Code code) {
  return attempt([](void* it) { (*static_cast<Code*>(it))(); }, &code);
}

// Lets `attempt` have the upcalls.
inline void take_upcalls() {
  const auto address = [](void (*code)()) { return reinterpret_cast<std::uint64_t>(code); };
  own_frame().entries = {address(attempt_again), address(attempt_trapped), address(attempt_trapped),
                         address(attempt_called)};
}

// Ends the attack, which is done.
[[noreturn]] inline void say_done() {
  report().done = 1;
  for (;;) yield(Yield::wait);
}

[[noreturn]] void fuzz();  // fuzz.cc

}  // namespace sprat::hostile
