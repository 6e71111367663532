// registers.hh — the registers of a machine's processors, read from its emulator's output.

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace sprat::grading {

struct Registers {
  std::uint64_t rip = 0, rsp = 0, rflags = 0;
  std::uint64_t cs = 0, cr0 = 0, cr2 = 0, cr3 = 0, cr4 = 0, efer = 0;
  bool halted = false;
};

// Returns the registers in the text of QEMU's monitor or Bochs' log, one for each dump of a processor; a register it
// does not name stays 0.
std::vector<Registers> parse_registers(std::string_view text);

}  // namespace sprat::grading
