// emulator.cc — ending a run, by telling every emulator in its own way.

#include "x86/emulator.hh"

#include "x86/cpu.hh"

namespace sprat::x86 {

void power_off(bool ok) {
  constexpr std::uint16_t kQemuExitPort = 0xf4;  // -device isa-debug-exit: status = value * 2 + 1
  constexpr std::uint16_t kBochsShutdownPort = 0x8900;

  debug_write(ok ? "sprat exit ok\n" : "sprat exit failed\n");
  out8(kQemuExitPort, ok ? 0x10 : 0x11);
  for (const char letter : std::string_view("Shutdown")) {
    out8(kBochsShutdownPort, static_cast<std::uint8_t>(letter));
  }
  halt_forever();
}

}  // namespace sprat::x86
