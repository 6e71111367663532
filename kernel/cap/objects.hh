// objects.hh — from a capability to the object it names, in memory.

#pragma once

#include "cap/slot.hh"
#include "memory/window.hh"

namespace sprat::cap {

// Returns the slots of the CNode that `cnode` names.
inline CNodeObject& slots_in(const Slot& cnode) {
  return *memory::window<CNodeObject>(PhysicalAddress(cnode.base));
}

// Returns the page table at `base`.
inline TableObject& table_at(std::uint64_t base) {
  return *memory::window<TableObject>(PhysicalAddress(base));
}

}  // namespace sprat::cap
