// panic.hh — dying legibly: an invariant of the kernel is broken, so it says everything it knows and ends the run.
//@ since monitor
// A core other than the boot core stops alone: the others go on.
//@ end

#pragma once

#include "debug/console.hh"
#include "x86/traps.hh"

namespace sprat::debug {

// The text of a panic, for the handler of the trap that it raises.
struct PanicText {
  std::string_view text;
  std::span<const Argument> arguments;
};
extern PanicText panic_text;

// Prints "panic: " and the text, the registers at the trap that it raises, and a backtrace, and ends the run with a
// failing status; all of it goes to the console and, for graders, to the debug port. The values that broke the invariant belong
// into the text. Only after initialise_traps.
template <class... Arguments>
[[noreturn, gnu::noinline]] void panic(FormatText<std::type_identity_t<Arguments>...> text,
                                       const Arguments&... arguments) {
  const std::array<Argument, sizeof...(Arguments)> list{Argument(arguments)...};
  panic_text = {text.text(), list};
  asm volatile("int %0; ud2" : : "i"(x86::kPanicVector) : "memory");
  __builtin_unreachable();
}

}  // namespace sprat::debug
