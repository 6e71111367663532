// io.hh — ports for code under test on the host: the test that questions the code plays the device.
//
// Takes the place of kernel/x86/io.hh when the kernel's sources are compiled for the host (Makefile, SUBJECT_FLAGS).

#pragma once

#include <cstdint>

namespace sprat::x86 {

std::uint8_t in8(std::uint16_t port);
void out8(std::uint16_t port, std::uint8_t value);

}  // namespace sprat::x86
