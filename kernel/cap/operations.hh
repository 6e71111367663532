// operations.hh — everything that can be done with capabilities. Each call takes a bounded number of steps.

#pragma once

#include <span>

#include "cap/slot.hh"

namespace sprat::cap {

// ---- finding (cspace.cc)

// The slot that `address` names in the CSpace below `root` (a CNode capability). Looks at two slots.
//   no_capability   there is no CNode on the way, or the slot is one of the kernel's own
Result<Slot*> find_slot(const Slot& root, CapAddress address);

// find_slot, for a slot that must hold a capability of `type` with `rights`.
//   no_capability, wrong_type, no_rights
Result<Slot*> find(const Slot& root, CapAddress address, Type type, Rights rights);

// Slot number `number` of the CNode that `cnode` names; 1 to 255.
//   invalid_argument   0, the kernel's own, or too large
Result<Slot*> slot_of(const Slot& cnode, std::uint64_t number);

// ---- copying (copy.cc)

// Puts another capability to the object of `source` into `target`, with the same rights.
//   no_capability   source is empty          slot_in_use  target is not
//   wrong_type      this type is never copied (the table in types.hh)
//   no_rights       source does not carry kGrant
//   ask_monitor     source is remote
Result<void> copy(const Slot& source, Slot& target);

struct MintArguments {
  Rights keep = kAllRights;
  std::uint64_t badge_or_first = 0;  // endpoints, notifications: badge; irq, io_ports: first line or port, from 0
  std::uint64_t count = 0;           // irq, io_ports: how many; 0: all that follow
};

// copy, with fewer rights: those of `source` and of `keep`. An endpoint or notification without a badge gets one, and
// one that has a badge keeps it; lines and ports become fewer.
//   those of copy
//   invalid_argument   a badge where there is one already (and it is another), or lines or ports beyond the source's
Result<void> mint(const Slot& source, Slot& target, const MintArguments& arguments);

// The capability of `source` goes to `target`, with its place in the derivation order and its mapping.
//   no_capability, slot_in_use
Result<void> move(Slot& source, Slot& target);

// ---- making objects (retype.cc)

struct RetypeArguments {
  Type type;
  unsigned size_bits;  // of each object; where the type decides the size: that, or 0
  std::size_t count;   // 1 to 64
};

// Makes objects from the start of the unused part of `source` (rounded up to a multiple of the object's size) into
// consecutive empty slots. All memory is zeroed before it can be named, 16 KiB at a time; `again` says that there is more to zero.
// A Ram whose descendants are all gone is unused as a whole. Endpoints and notifications are made from a Dispatcher and take
// no memory.
//   wrong_type        the table of types.hh has no edge from the source's type to `type`
//   invalid_argument  size or count out of range        out_of_memory  too little is unused
//   slot_in_use       one of the slots is not empty; then nothing was made
//   ask_monitor       source is remote                  again          see above
Result<void> retype(Slot& source, const RetypeArguments& arguments, std::span<Slot> targets);

// ---- taking away (remove.cc)

// Empties `slot`. With the last capability to an object, the object ends: what is mapped in a table is unmapped at once;
// CNodes and dispatchers come apart in later steps (`take_apart`), while their memory stays taken.
//   no_capability   it is empty      ask_monitor   the object is remote and this is its last capability here
Result<void> remove(Slot& slot);

// One bounded step of deleting all copies and descendants of `slot`: up to kRevokeStep capabilities go, or one step of
// take_apart is made. ok: none are left.
//   no_capability    no_rights  the capability is a copy    ask_monitor  it or a descendant is remote    again
Result<void> revoke(Slot& slot);
inline constexpr std::size_t kRevokeStep = 16;

// One bounded step (up to kRevokeStep slots) of taking apart what is dying. True: there is more to do.
bool take_apart();

// ---- mapping (mapping.cc)

// Enters the object of `source` (Frame, DeviceFrame, or the table of the next lower level) from `first_entry` on:
// one entry for a table, else as many as the frame needs at the table's level (4 KiB pages at 1, 2 MiB at 2). A frame of
// several levels' sizes fits where its size and base are multiples of the entry's. `rights`: kWrite, kExecute; both never go
// together, and each must be among the capability's.
//   wrong_type        this cannot be mapped into that
//   invalid_argument  entries that do not exist, the kernel's half of a root, write and execute together
//   misaligned        the frame is no multiple of the entry's size
//   no_rights, already_mapped (an entry is taken), in_use (this capability is mapped; a copy can be mapped as well)
Result<void> map(const Slot& table, std::uint64_t first_entry, Slot& source, Rights rights);

// Takes out the mapping that the entry is part of, as a whole.  not_found  the entry is empty
Result<void> unmap(const Slot& table, std::uint64_t entry);

// The same, seen from the mapped capability; nothing happens if it is not mapped.
void unmap(Slot& mapped);

// ---- order (derivation.cc)

// Puts `slot`, already filled, behind `after`, or at the very beginning if that is null.
void insert_behind(Slot* after, Slot& slot);

// `other` goes when `slot` is revoked: a copy of it, made from it, or made from what was made from it.
bool is_descendant(const Slot& slot, const Slot& other);

// The first capability of this core.
Slot* first_capability();

}  // namespace sprat::cap
