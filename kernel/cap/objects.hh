// objects.hh — from a capability to the object that it names, and proof that the object's memory is this core's own.
//
// The kernel reaches memory through its window, and the window shows the RAM of this core alone. Only a Frame may be memory of
// another core; the kernel's objects (CNodes, page tables, dispatchers) are made from Ram of its own core. So there
// are two ways from a capability to its bytes, and neither can be taken by mistake:
//
//   CNode, PageTable, Dispatcher    slots_in, table_at, dispatcher_at    local by their type
//   Frame                           LocalMemory::of                      local if the capability says so, else an error

#pragma once

#include "cap/slot.hh"
#include "cap/types.hh"
#include "memory/window.hh"

namespace sprat::cap {

// Returns whether an object of the type may lie in another core's memory.
constexpr bool may_be_foreign(Type type) { return type == Type::frame; }

consteval bool nothing_is_made_from_foreign_memory() {
  for (unsigned type = 0; type < kTypes; ++type) {
    if (may_descend(Type::frame, static_cast<Type>(type))) return false;
  }
  return true;
}
static_assert(nothing_is_made_from_foreign_memory());

// Returns the slots of the CNode that `cnode` names.
inline CNodeObject& slots_in(const Slot& cnode) {
  return *memory::window<CNodeObject>(PhysicalAddress(cnode.base));
}

// Returns the page table at `base`.
inline TableObject& table_at(std::uint64_t base) {
  return *memory::window<TableObject>(PhysicalAddress(base));
}

// The memory of a Frame of this core. To have one is to have asked.
class LocalMemory {
 public:
  // wrong_type       the capability is no Frame
  // foreign_memory   the memory is another core's
  static Result<LocalMemory> of(const Slot& frame) {
    if (!may_be_foreign(frame.type)) return Error::wrong_type;
    if (frame.is_foreign) return Error::foreign_memory;
    return LocalMemory(PhysicalAddress(frame.base));
  }

  constexpr LocalMemory() = default;  // none yet

  // Returns the object at its beginning, as the kernel sees it.
  template <class T>
  T& as() const {
    return *memory::window<T>(begin_);
  }

 private:
  explicit LocalMemory(PhysicalAddress begin) : begin_(begin) {}

  PhysicalAddress begin_{};
};

}  // namespace sprat::cap
