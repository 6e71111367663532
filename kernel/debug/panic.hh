// panic.hh — dying legibly: an invariant of the kernel is broken, so it says everything it knows and ends the run.

#pragma once

#include "debug/console.hh"
#include "x86/traps.hh"

namespace sprat::debug {

// A panic in three steps: announce it, say why, and end with registers, backtrace and a failing status. All of it
// goes to the console and, for graders, to the debug port.
void begin_panic();
void write_panic(std::string_view text);
[[noreturn]] void end_panic(const x86::TrapFrame& registers);

// Prints "panic: " and the text, the registers as they were at the call, and a backtrace, and ends the run with a
// failing status. The values that broke the invariant belong into the text.
template <class... Arguments>
[[noreturn, gnu::noinline]] void panic(FormatText<std::type_identity_t<Arguments>...> text,
                                       const Arguments&... arguments) {
  x86::TrapFrame registers;
  x86::capture_registers(&registers);
  begin_panic();
  format(write_panic, text, arguments...);
  end_panic(registers);
}

}  // namespace sprat::debug
