// guest_test.cc — the tests that the linker collected.

#include "boot/guest_test.hh"

namespace sprat::boot {

extern "C" const GuestTest guest_tests_begin[], guest_tests_end[];

std::span<const GuestTest> guest_tests() { return {guest_tests_begin, guest_tests_end}; }

}  // namespace sprat::boot
