// guest_test.cc — the tests that the linker collected.

#include "debug/guest_test.hh"

namespace sprat::debug {

extern "C" const GuestTest guest_tests_begin[], guest_tests_end[];

std::span<const GuestTest> guest_tests() { return {guest_tests_begin, guest_tests_end}; }

}  // namespace sprat::debug
