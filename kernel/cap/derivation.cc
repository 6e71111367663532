// derivation.cc — the derivation order: all capabilities of this core in one list, whose order tells which were made
// from which.
//
//   Ram A, [0, 64K)            list:  A   c'  c   B   y   x'  x
//   ├── CNode c, [32K, 48K)           │   └───┘   │   │   └───┘
//   │     └─ c', a copy               │  copies,  │   │   copies, the original last
//   └── Ram B, [0, 16K)               │  original └───┴───────┘ B: its descendants follow it without a gap
//         ├── Frame y, [4K, 8K)       └───────────────────────┘ A: likewise
//         └── Frame x, [0, 4K)
//               └─ x', a copy
//
// Three rules keep it so:
//   1. A capability that retype makes comes directly behind its source: an ancestor comes before all its descendants,
//   these follow
//      it without a gap, and the newest is first.
//   2. A copy comes directly before its source: all capabilities to one object stand together, the original last.
//   3. A capability that is deleted leaves the others in their order. Its descendants then belong to the ancestor
//   before it.
//
// Retype hands out addresses upwards, so by rule 1 the first descendant of an object has the highest end of all: the
// unused part begins at that end, and needs no record of its own. By rule 2 a capability is the last to its object when
// neither neighbour names that object; there is no reference count. Each operation here takes a few steps.
//
// This is no List (sprat/list.hh): the operations look at neighbours, where an end is null and no place in a ring, and a
// capability that moves to another slot takes its links along.

#include "cap/operations.hh"

namespace sprat::cap {

namespace {

Slot* first = nullptr;

// Makes the capability before the place of `slot` point to `next`, and the one behind it back to `previous`.
void join(const Slot& slot, Slot* next, Slot* previous) {
  (slot.previous != nullptr ? slot.previous->next : first) = next;
  if (slot.next != nullptr) slot.next->previous = previous;
}

}  // namespace

Slot* first_capability() { return first; }

void insert_behind(Slot* after, Slot& slot) {
  slot.previous = after;
  slot.next = after != nullptr ? after->next : first;
  join(slot, &slot, &slot);
}

void insert_before(Slot& source, Slot& copy) {
  copy.is_foreign = source.is_foreign;
  copy.owner = source.owner;
  insert_behind(source.previous, copy);
}

void grant(Slot& slot, Type type, std::uint64_t base, std::uint64_t bytes, Rights rights) {
  slot.type = type;
  slot.base = base;
  slot.bytes = bytes;
  slot.rights = rights;
  slot.is_original = true;
  insert_behind(nullptr, slot);
}

void change_places(Slot& slot, Slot& its_next) {
  join(slot, slot.next, slot.previous);
  insert_behind(&its_next, slot);
}

void take_out(Slot& slot) {
  join(slot, slot.next, slot.previous);
  slot = Slot{};
}

void take_place(Slot& target, Slot& source) {
  target = source;
  join(target, &target, &target);
  source = Slot{};
}

namespace {

bool lies_within(const Slot& slot, const Slot& other) {
  return other.base >= slot.base && other.end() <= slot.end();
}

//@ lab cpu-driver.3a: // Helpers of your own go here.
// `other`, a neighbour, names the object of `slot`. An object has one original; Ram made of all of another Ram is another.
bool names_same(const Slot& slot, const Slot* other) {
  return other != nullptr && same_object(slot, *other) && !(slot.is_original && other->is_original);
}
//@ end

bool is_copy(const Slot& original, const Slot& other) {
  return other.type == original.type && !other.is_original && lies_within(original, other);
}

}  // namespace

bool may_have_made(const Slot& slot, const Slot& other) {
  return may_descend(slot.type, other.type) && lies_within(slot, other);
}

bool is_descendant(const Slot& slot, const Slot& other) {
  return is_copy(slot, other) || may_have_made(slot, other);
}

Slot* nearest_copy(const Slot& original) {
  Slot* const other = original.previous;
  return other != nullptr && is_copy(original, *other) ? other : nullptr;
}

Slot* newest_descendant(const Slot& slot) {
  return slot.next != nullptr && is_descendant(slot, *slot.next) ? slot.next : nullptr;
}

bool is_last(const Slot& slot) {
  //@ lab cpu-driver.3b: return false;
  return !names_same(slot, slot.previous) && !names_same(slot, slot.next);
  //@ end
}

}  // namespace sprat::cap
