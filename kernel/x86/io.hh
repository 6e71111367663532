// io.hh — the x86 port space: one instruction each.

#pragma once

#include <cstdint>

namespace sprat::x86 {

inline std::uint8_t in8(std::uint16_t port) {
  std::uint8_t value;
  asm volatile("inb %1, %0" : "=a"(value) : "Nd"(port) : "memory");
  return value;
}

inline void out8(std::uint16_t port, std::uint8_t value) {
  asm volatile("outb %0, %1" : : "a"(value), "Nd"(port) : "memory");
}

//@ since cpu-driver
// The same for words of 1, 2 or 4 bytes.
template <class Word>
Word in(std::uint16_t port) {
  Word value;
  asm volatile("in %1, %0" : "=a"(value) : "Nd"(port) : "memory");
  return value;
}

template <class Word>
void out(std::uint16_t port, Word value) {
  asm volatile("out %0, %1" : : "a"(value), "Nd"(port) : "memory");
}
//@ end

}  // namespace sprat::x86
