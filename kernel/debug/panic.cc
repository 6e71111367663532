// panic.cc — the last words of a kernel.

#include "debug/panic.hh"

#include "debug/backtrace.hh"
//@ since monitor
#include "x86/apic.hh"
//@ end
#include "x86/cpu.hh"
#include "x86/io.hh"

namespace sprat::debug {
namespace {

extern "C" const char stack_begin[], stack_end[];  // kernel.ld
// Defined by the generated symbols.S. Weak: the first of the two links has none.
extern "C" [[gnu::weak]] const Symbol symbol_table_begin[], symbol_table_end[];

constinit bool panicking = false;

void write_panic(std::string_view text) {
  write_console(text);
  x86::debug_write(text);
}

template <class... Arguments>
void say(FormatText<std::type_identity_t<Arguments>...> text, const Arguments&... arguments) {
  format(write_panic, text, arguments...);
}

void print_registers(const x86::TrapFrame& r) {
  // clang-format off
  const struct {
    const char* name;
    std::uint64_t value;
  } registers[] = {
      {"rip", r.rip}, {"rsp", r.rsp}, {"rbp", r.rbp}, {"rax", r.rax}, {"rbx", r.rbx}, {"rcx", r.rcx},
      {"rdx", r.rdx}, {"rsi", r.rsi}, {"rdi", r.rdi}, {"r8", r.r8},   {"r9", r.r9},   {"r10", r.r10},
      {"r11", r.r11}, {"r12", r.r12}, {"r13", r.r13}, {"r14", r.r14}, {"r15", r.r15},
      {"flags", r.rflags}, {"cr2", x86::read_cr2().value()}, {"cr3", x86::read_cr3().value()},
  };
  // clang-format on
  unsigned column = 0;
  for (const auto& [name, value] : registers) {
    say("  {-5} {}{}", name, VirtualAddress(value), ++column % 3 == 0 ? "\n" : "");
  }
  say("\n");
}

void print_call(std::size_t number, std::uint64_t address, std::uint64_t lookup) {
  if (const auto place = find_caller({symbol_table_begin, symbol_table_end}, lookup)) {
    say("  #{-2} {} {}+{x}\n", number, VirtualAddress(address), place->function,
        place->offset - (lookup - address));
  } else {
    say("  #{-2} {} ?\n", number, VirtualAddress(address));
  }
}

[[noreturn]] void stop_for_good() {
  drain_console();
  //@ since monitor
  // The others go on, and find that this one is silent.
  if (!x86::is_boot_core()) x86::halt_forever();
  //@ end
  x86::power_off(false);
}

void begin_panic() {
  if (panicking) {
    say("\npanic: a panic while panicking; giving up.\n");
    stop_for_good();
  }
  panicking = true;
  say("\npanic: ");
}

void print_reason(const x86::TrapFrame& frame) {
  if (frame.vector == x86::kPanicVector)
    return format_arguments(write_panic, panic_text.text, panic_text.arguments);
  say("{} (vector {}, error {x})", x86::exception_name(frame.vector), frame.vector, frame.error);
  if (frame.vector != x86::kPageFaultVector) return;
  constexpr std::uint64_t kPresent = 1, kWrite = 2, kFetch = 16;
  const char* access = (frame.error & kFetch) != 0   ? "executing"
                       : (frame.error & kWrite) != 0 ? "writing"
                                                     : "reading";
  say(": {} {} {}", access, x86::read_cr2(),
      (frame.error & kPresent) != 0 ? "is not permitted" : "is not mapped");
}

void print_backtrace(const x86::TrapFrame& frame) {
  say("backtrace:\n");
  std::array<std::uint64_t, 32> addresses;
  // The instruction at rip has not been executed yet: its own address, not that of a call before it, is looked up.
  print_call(0, frame.rip, frame.rip + 1);
  const StackBounds stack{reinterpret_cast<std::uint64_t>(stack_begin),
                          reinterpret_cast<std::uint64_t>(stack_end)};
  const std::size_t depth = backtrace(frame.rbp, stack, addresses);
  for (std::size_t i = 0; i < depth; ++i) print_call(i + 1, addresses[i], addresses[i]);
}

}  // namespace

constinit PanicText panic_text{};

}  // namespace sprat::debug

// Until there are processes, every exception is the kernel's own.
void sprat::x86::handle_trap(const TrapFrame& frame) {
  debug::begin_panic();
  debug::print_reason(frame);
  debug::say("\nregisters:\n");
  debug::print_registers(frame);
  debug::print_backtrace(frame);
  debug::stop_for_good();
}
