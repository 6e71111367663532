// machine_space.hh — the address space of a machine that has been stopped, read from outside of it.

#pragma once

#include <string>

#include "kernel_space.hh"
#include "lab/trial.hh"

namespace lab {

struct MachineSpace {
  sprat::grading::Registers cpu;
  AddressSpaceMap map;
  ImageParts image;
  std::uint64_t memory_end;
};

// Boots the kernel until it stands still, and reads registers, the page tables below CR3, and what the guest test
// `stand_still` said of its image.
MachineSpace look_at_machine(sprat::grading::Trial& trial);

// Six addresses, separated by blanks.
ImageParts parse_parts(const std::string& text);

}  // namespace lab
