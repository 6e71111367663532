// panic.hh — dying legibly: an invariant of the kernel is broken, so it says everything it knows and ends the run.

#pragma once

#include "debug/console.hh"
#include "x86/traps.hh"

namespace sprat::debug {

// The kernel's stack; backtraces stay inside of it.
void set_stack_bounds(std::uint64_t begin, std::uint64_t end);

// First half of a panic: announces it. Second half: registers, backtrace, and the end with a failing status.
void begin_panic();
[[noreturn]] void end_panic(const x86::TrapFrame& registers);

// Prints "panic: " and the text, the registers as they were at the call, and a backtrace, and ends the run with a
// failing status. The values that broke the invariant belong into the text.
template <class... Arguments>
[[noreturn, gnu::noinline]] void panic(FormatText<std::type_identity_t<Arguments>...> text,
                                       const Arguments&... arguments) {
  x86::TrapFrame registers;
  x86::capture_registers(&registers);
  begin_panic();
  format(write_console, text, arguments...);
  end_panic(registers);
}

}  // namespace sprat::debug
