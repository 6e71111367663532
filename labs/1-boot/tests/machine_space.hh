// machine_space.hh — the address space of a machine that has been stopped, read from outside of it.

#pragma once

#include <string>

#include "kernel_space.hh"
#include "machine/machine.hh"

namespace lab {

struct MachineSpace {
  AddressSpaceMap map;
  ImageParts image;
  std::uint64_t memory_end;
};

// Reads CR3, the tables below it, and what the guest test `stand_still` said of its image.
MachineSpace read_machine_space(sprat::grading::Machine& machine);

// Six addresses, separated by blanks.
ImageParts parse_parts(const std::string& text);

}  // namespace lab
