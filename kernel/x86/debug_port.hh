// debug_port.hh — the debug console, port 0xe9: text that is written there goes to the emulator's log, not to the
// person at the terminal. It needs no set-up and cannot fail.

#pragma once

#include <string_view>

#include "x86/io.hh"

namespace sprat::x86 {

inline void debug_write(std::string_view text) {
  constexpr std::uint16_t kDebugPort = 0xe9;
  for (const char letter : text) out8(kDebugPort, static_cast<std::uint8_t>(letter));
}

}  // namespace sprat::x86
