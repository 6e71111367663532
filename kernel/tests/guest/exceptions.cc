// exceptions.cc — things a kernel should not do, for tests of how it dies. arg=NAME says which.

#include "boot/guest_test.hh"
#include "debug/panic.hh"
#include "grading/guest/evidence.hh"

using namespace sprat;

namespace {

// Fills registers with numbers a test can look for and executes an invalid instruction. The test looks for this name in the
// backtrace, so that no compiler may put the body into the caller (clang++ does).
[[gnu::noinline]] void invalid_opcode() {
  asm volatile(
      "movabs $0x1111111111111111, %%rax\n"
      "movabs $0x2222222222222222, %%rbx\n"
      "movabs $0x8888888888888888, %%r8\n"
      "movabs $0xffffffffffffff15, %%r15\n"
      "ud2\n"
      :
      :
      : "rax", "rbx", "r8", "r15", "memory");
}

void divide_by_zero() {
  asm volatile("xorl %%ecx, %%ecx; movl $1, %%eax; cltd; idivl %%ecx" : : : "eax", "ecx", "edx");
}

void breakpoint() { asm volatile("int3"); }

// A selector beyond the end of the descriptor table.
void bad_selector() { asm volatile("movw %w0, %%fs" : : "r"(0x1230)); }

void null_pointer() { *reinterpret_cast<volatile int*>(std::uintptr_t{0}) = 1; }

// Only a kernel built with SAN=1 notices.
void undefined_shift() {
  volatile unsigned bits = 40;
  volatile unsigned result = 1u << bits;
  static_cast<void>(result);
}

constexpr struct {
  const char* name;
  void (*run)();
} kAccidents[] = {
    {"invalid-opcode", invalid_opcode}, {"divide", divide_by_zero},
    {"breakpoint", breakpoint},         {"bad-selector", bad_selector},
    {"null-pointer", null_pointer},     {"undefined-shift", undefined_shift},
};

}  // namespace

SPRAT_GUEST_TEST(accident) {
  evidence::Session session(machine.command_line, "accident");
  const auto wanted = machine.command_line.get("arg").value_or("");
  for (const auto& accident : kAccidents) {
    if (accident.name == wanted) accident.run();
  }
  session.answer("survived", wanted);
}
