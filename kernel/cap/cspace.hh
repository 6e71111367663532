// cspace.hh — from the number a process gives to the slot it means. Every invocation begins here, so all of it is inline.

#pragma once

#include "cap/slot.hh"

namespace sprat::cap {

// Returns the slot that `address` names in the CSpace below `root` (a CNode capability). Looks at two slots.
//   no_capability   there is no CNode on the way, or the slot is one of the kernel's own
[[gnu::always_inline]] inline Result<Slot*> find_slot(const Slot& root, CapAddress address) {
  //@ lab cpu-driver.1a: return Error::not_implemented;
  if (root.type != Type::cnode || !address.is_well_formed()) return Error::no_capability;
  Slot& node = slots_in(root)[address.node()];
  if (address.names_root_slot()) {
    if (address.node() == kOwnSlot) return Error::no_capability;
    return &node;
  }
  if (node.type != Type::cnode || address.slot() == kOwnSlot) return Error::no_capability;
  return &slots_in(node)[address.slot()];
  //@ end
}

// find_slot, for a slot that must hold a capability of `type` with `rights`.
//   no_capability, wrong_type, no_rights
inline Result<Slot*> find(const Slot& root, CapAddress address, Type type, Rights rights) {
  //@ lab cpu-driver.1b: return Error::not_implemented;
  Slot* const slot = TRY(find_slot(root, address));
  if (slot->type != type) return slot->is_empty() ? Error::no_capability : Error::wrong_type;
  if (!slot->rights.has(rights)) return Error::no_rights;
  return slot;
  //@ end
}

// Slot number `number` of the CNode that `cnode` names; 1 to 255.
//   invalid_argument   0, the kernel's own, or too large
inline Result<Slot*> slot_of(const Slot& cnode, std::uint64_t number) {
  if (number == kOwnSlot || number >= kSlotsPerCNode) return Error::invalid_argument;
  return &slots_in(cnode)[number];
}

// `count` slots of the CNode that `cnode` names, from number `number` on.
//   invalid_argument   not all of them exist, or one is the kernel's own
inline Result<std::span<Slot>> slots_of(const Slot& cnode, std::uint64_t number,
                                        std::uint64_t count) {
  if (number == kOwnSlot || number >= kSlotsPerCNode || count > kSlotsPerCNode - number) {
    return Error::invalid_argument;
  }
  return std::span(slots_in(cnode)).subspan(number, count);
}

}  // namespace sprat::cap
