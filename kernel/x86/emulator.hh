// emulator.hh — two devices that emulators have and machines do not: a debug console, and ports that end a run.

#pragma once

#include <string_view>

#include "x86/cpu.hh"
#include "x86/io.hh"

namespace sprat::x86 {

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
