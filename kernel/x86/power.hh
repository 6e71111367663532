// power.hh — ending a run. No machine has a port for that, so each emulator made one of its own.

#pragma once

namespace sprat::x86 {

// Says `sprat exit ok` or `sprat exit failed` on the debug console (port 0xe9) and ends the emulator: QEMU by its
// isa-debug-exit device (status 33 or 35), Bochs by its shutdown port. Elsewhere the processor halts.
[[noreturn]] void power_off(bool ok);

}  // namespace sprat::x86
