// guest_test.cc — the tests that the linker collected, and the one that the command line names.

#include "boot/guest_test.hh"

#include "debug/panic.hh"

namespace sprat::boot {

extern "C" const GuestTest guest_tests_begin[], guest_tests_end[];

void run_guest_test(const Machine& machine) {
  const auto wanted = machine.command_line.get("test");
  if (!wanted) return;
  const std::span tests(guest_tests_begin, guest_tests_end);
  for (const GuestTest& test : tests) {
    if (test.name == *wanted) return test.run(machine);
  }
  debug::panic("this image has no test named {}; {} are linked in", *wanted, tests.size());
}

}  // namespace sprat::boot
