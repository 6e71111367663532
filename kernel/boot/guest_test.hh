// guest_test.hh — tests that run inside of the booted kernel. They are linked into the test image only
// (kernel/build.mk); the word test=NAME on the command line starts one.

#pragma once

#include "boot/boot_info.hh"
#include "boot/command_line.hh"
#include "debug/panic.hh"

namespace sprat::boot {

// The state of the core when it has been brought up, for tests to read.
struct Machine {
  const boot::BootInfo& info;
  boot::CommandLine command_line;
  const memory::MemoryMap& memory;
};

struct GuestTest {
  const char* name;
  void (*run)(const Machine& machine);
};

// The tests that the linker collected (kernel.ld).
extern "C" const GuestTest guest_tests_begin[], guest_tests_end[];

// Runs the test that the command line names, if it names one. Panics if this image has no test of that name.
inline void run_guest_test(const Machine& machine) {
  const auto wanted = machine.command_line.get("test");
  if (!wanted) return;
  const std::span tests(guest_tests_begin, guest_tests_end);
  for (const GuestTest& test : tests) {
    if (test.name == *wanted) return test.run(machine);
  }
  debug::panic("this image has no test named {}; {} are linked in", *wanted, tests.size());
}

}  // namespace sprat::boot

// Defines the test `NAME` (an identifier); the body sees `machine`.
#define SPRAT_GUEST_TEST(NAME)                                                                  \
  static void guest_test_##NAME([[maybe_unused]] const sprat::boot::Machine& machine);          \
  [[gnu::used,                                                                                  \
    gnu::section(".guest_tests")]] static const sprat::boot::GuestTest guest_test_entry_##NAME{ \
      #NAME, guest_test_##NAME};                                                                \
  static void guest_test_##NAME([[maybe_unused]] const sprat::boot::Machine& machine)
