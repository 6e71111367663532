// remove.cc — deleting capabilities: one, or all that came from one, or all that a dying object holds.
//
// When the last capability to a CNode or a Dispatcher goes, its contents must be deleted too; among them may be the
// last capability to another CNode, and so on, even in a cycle. Two ideas keep every step short and nothing recursive:
//
//   * The last capability does not vanish. It moves into a slot inside of the object itself, keeping its place in the
//     derivation order: so the memory stays taken, and a search for descendants finds it. No process can name it there.
//   * The object joins the list of the dying. Each step empties a few of its slots; a CNode that loses its last
//     capability in such a step only joins the list in turn. When the object is empty its own slot goes last.
//
//      CNode x        slot 0     1      2     3             dying ─► x ─► (none)
//        removed      [ x's own ][    ][ y  ][ frame ]
//        a step       [ x's own ][    ][    ][       ]      dying ─► y ─► x    y's last capability lies in y now
//        ...
//        the end      [         ][    ][    ][       ]      x's memory is unused

#include "cap/operations.hh"

namespace sprat::cap {

namespace {

// The cost of a step, counted in deleted capabilities. An operation on all of a page table or CNode ends the step.
using Cost = std::size_t;
constexpr std::size_t kEntriesPerCost = 32;

constinit List<Slot, offsetof(Slot, dying)> dying{};  // the newest first

// The last capability to a CNode or Dispatcher, in `slot`, moves into the object, which is dying from now on.
void begin_to_die(Slot& slot) {
  Slot& own = slot.type == Type::cnode ? slots_in(slot)[kOwnSlot] : dispatcher_own_slot(slot);
  take_place(own, slot);
  own.is_part = false;
  own.is_dying = true;
  dying.push_front(own);
  if (own.type == Type::dispatcher) dispatcher_died(own);
}

// Empties `slot` and ends its object if it was the last capability. Returns the cost.
Cost discard(Slot& slot) {
  Cost cost = 1;
  if (slot.is_part) dispatcher_lost_part(slot);
  if (slot.is_mapped) {
    cost += entries_of(slot) / kEntriesPerCost;
    unmap(slot);
  }
  if (!is_last(slot)) {
    //@ since monitor
    Slot* const anchor = slot.is_foreign && slot.is_remote ? slot.next : nullptr;
    //@ end
    take_out(slot);
    //@ since monitor
    if (anchor != nullptr && is_last(*anchor)) foreign_frame_is_lonely(*anchor);
    //@ end
  } else if (slot.type == Type::cnode || slot.type == Type::dispatcher) {
    begin_to_die(slot);
  } else {
    if (table_level(slot.type) != 0) {
      cost = kRevokeStep;
      unmap_all(slot);
    }
    if (slot.is_foreign) foreign_frame_ended(slot);
    take_out(slot);
  }
  return cost;
}

//@ lab cpu-driver.3c: // Helpers of your own go here.
// The next capability that a dying object still holds, or null.
Slot* next_held(Slot& own) {
  if (own.type == Type::dispatcher) {
    for (std::size_t part = 0; part < kDispatcherParts; ++part) {
      if (Slot& slot = dispatcher_parts(own)[part]; !slot.is_empty()) return &slot;
    }
    return newest_descendant(own);  // endpoints and notifications
  }
  CNodeObject& slots = slots_in(own);
  for (std::size_t number = own.emptied + 1u; number < kSlotsPerCNode; ++number) {
    if (slots[number].is_empty()) continue;
    own.emptied = static_cast<std::uint16_t>(number);
    return &slots[number];
  }
  return nullptr;
}
//@ end

// Takes the object of `own` apart until that is done or `cost` has come to a step's.
void take_apart(Slot& own, Cost& cost) {
  //@ lab cpu-driver.3d: dying.remove(own); cost = kRevokeStep;
  while (cost < kRevokeStep) {
    Slot* const held = next_held(own);
    if (held != nullptr) {
      cost += discard(*held);
    } else {
      dying.remove(own);
      take_out(own);
      cost = kRevokeStep;
    }
  }
  //@ end
}

}  // namespace

Result<void> remove(Slot& slot) {
  if (slot.is_empty()) return Error::no_capability;
  if (slot.is_remote && is_last(slot)) return Error::ask_monitor;
  discard(slot);
  return {};
}

Result<void> revoke(Slot& slot) {
  //@ lab cpu-driver.3e: return Error::not_implemented;
  if (slot.is_empty()) return Error::no_capability;
  if (!slot.is_original) return Error::no_rights;
  if (slot.is_remote) return Error::ask_monitor;
  for (Cost cost = 0; cost < kRevokeStep;) {
    Slot* victim = nearest_copy(slot);
    if (victim == nullptr) victim = newest_descendant(slot);
    if (victim == nullptr) return {};
    if (victim->is_dying) {
      take_apart(*victim, cost);
    } else {
      if (victim->is_remote) return Error::ask_monitor;
      cost += discard(*victim);
    }
    if (slot.is_empty()) return Error::no_capability;  // it was stored in a deleted object
  }
  return Error::again;
  //@ end
}

//@ since monitor
namespace {

Result<void> expect_anchor(const Slot& slot) {
  if (slot.is_empty()) return Error::no_capability;
  const bool is_anchor = slot.is_foreign && slot.is_remote && slot.is_original;
  return is_anchor ? Result<void>() : Error::invalid_argument;
}

}  // namespace

Result<void> sweep(Slot& anchor) {
  TRY(expect_anchor(anchor));
  for (Cost cost = 0; cost < kRevokeStep;) {
    Slot* const copy = nearest_copy(anchor);
    if (copy == nullptr) return {};
    cost += discard(*copy);
  }
  return Error::again;
}

Result<void> drop(Slot& anchor) {
  TRY(expect_anchor(anchor));
  if (!is_last(anchor)) return Error::in_use;
  discard(anchor);
  return {};
}

//@ end
const Slot* newest_dying() { return dying.first(); }

bool take_apart() {
  Cost cost = 0;
  if (!dying.is_empty()) take_apart(*dying.first(), cost);
  return !dying.is_empty();
}

}  // namespace sprat::cap
