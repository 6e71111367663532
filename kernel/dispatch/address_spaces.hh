// address_spaces.hh — what all address spaces of a core have in common: the kernel's half.

#pragma once

#include "sprat/address.hh"

namespace sprat::dispatch {

// From now on new address spaces get the upper half of the one below `root`, and the processor goes there when the one it is
// using goes. Once per core, before the first process.
void initialise_address_spaces(PhysicalAddress root);

}  // namespace sprat::dispatch
