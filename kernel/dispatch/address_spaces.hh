// address_spaces.hh — the kernel's half, which all address spaces of a core have in common.

#pragma once

#include "sprat/address.hh"

namespace sprat::dispatch {

// Gives all new address spaces the upper half of the one at `root`, and makes the processor use `root` when its present
// address space ends. Once per core, before the first process.
void initialise_address_spaces(PhysicalAddress root);

}  // namespace sprat::dispatch
