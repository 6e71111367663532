// legacy_pic.hh — the two 8259 interrupt controllers of the first PCs, which are to keep quiet.
//
// Source: Intel 8259A data sheet (1988), "Initialization command words".

#pragma once

#include <cstdint>

#include "x86/io.hh"
#include "x86/traps.hh"

namespace sprat::x86 {

// Masks all their lines. Their vectors are moved first, away from the exceptions: an interrupt that is withdrawn at
// the wrong moment comes even when masked, as the controller's line 7, and is a spurious one then.
inline void silence_legacy_pic() {
  constexpr std::uint16_t kCommandPorts[] = {0x20, 0xa0};
  constexpr std::uint8_t kInitialise =
      0x11;  // four words follow on the data port, the first of them implied
  constexpr std::uint8_t kFirstVector = kSpuriousVector - 7;
  constexpr std::uint8_t kCascade[] = {1 << 2, 2};  // the second hangs on line 2 of the first
  constexpr std::uint8_t kMode8086 = 1;
  constexpr std::uint8_t kAllLines = 0xff;
  for (unsigned controller = 0; controller < 2; ++controller) {
    const std::uint16_t command = kCommandPorts[controller];
    const auto data = static_cast<std::uint16_t>(command + 1);
    out8(command, kInitialise);
    out8(data, kFirstVector);
    out8(data, kCascade[controller]);
    out8(data, kMode8086);
    out8(data, kAllLines);
  }
}

}  // namespace sprat::x86
