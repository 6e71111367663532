// io.hh — the x86 port space, one instruction each; and two devices that emulators have there and machines do not: a debug
// console, and ports that end a run.

#pragma once

#include "x86/cpu.hh"

namespace sprat::x86 {

// Word: an unsigned number of 1, 2 or 4 bytes.
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

inline std::uint8_t in8(std::uint16_t port) { return in<std::uint8_t>(port); }
inline void out8(std::uint16_t port, std::uint8_t value) { out(port, value); }

// Writes to the debug console, port 0xe9: the text goes to the emulator's log, not to the person at the terminal. It needs
// no set-up and cannot fail.
inline void debug_write(std::string_view text) {
  constexpr std::uint16_t kDebugPort = 0xe9;
  for (const char letter : text) out8(kDebugPort, static_cast<std::uint8_t>(letter));
}

// Says `sprat exit ok` or `sprat exit failed` on the debug console and ends the emulator: QEMU by its isa-debug-exit
// device (status 33 or 35), Bochs by its shutdown port. Elsewhere the processor halts.
[[noreturn]] inline void power_off(bool ok) {
  constexpr std::uint16_t kQemuExitPort = 0xf4;  // -device isa-debug-exit: status = value * 2 + 1
  constexpr std::uint16_t kBochsShutdownPort = 0x8900;

  debug_write(ok ? "sprat exit ok\n" : "sprat exit failed\n");
  out8(kQemuExitPort, ok ? 0x10 : 0x11);
  for (const char letter : std::string_view("Shutdown"))
    out8(kBochsShutdownPort, static_cast<std::uint8_t>(letter));
  halt_forever();
}

}  // namespace sprat::x86
