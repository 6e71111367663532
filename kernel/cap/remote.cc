// remote.cc — objects that other cores know of.
//
// That other cores may hold copies of a frame is true of the frame, so all its capabilities here say so; and the frame must not
// end here while copies elsewhere are alive, so the kernel keeps a capability of its own, the anchor, in a slot that no process
// can name. Copies of one object stand together, the original last (rule 2 of derivation.cc), and may change places among each
// other: the anchor itself walks past them and marks each, a few in each step.
//
//      c1  c2  c3  a  c4  c5  original      a, the anchor, enters before the capability that was named
//      a  c1  c2  c3  c4  c5  original      it walks to the first one, changing nothing
//      C1  C2  a  c3  c4  c5  original      it walks back and marks each one
//      C1  C2  C3  C4  C5  a  ORIGINAL      the end; a copy of a marked one is refused (ask_monitor)
//
// Between two steps, its place in the order and its own mark hold all the state.

#include <algorithm>

#include "cap/operations.hh"
#include "sprat/first_process.hh"

namespace sprat::cap {

namespace {

constinit std::array<Slot, kMostRemote> anchors{};
constinit std::size_t anchors_used = 0;  // all anchors from this index on are unused

// RAM in which other cores live, or that they have borrowed.
constinit std::array<Slot, kMaxCores + kMostLent> given_away{};
constinit std::size_t given_away_count = 0;

std::span<Slot> all_anchors() { return std::span(anchors).first(anchors_used); }

// `other` names the frame of `anchor`.
bool names_frame_of(const Slot& anchor, const Slot* other) {
  return other != nullptr && same_object(anchor, *other);
}

Slot* find_anchor(const Slot& slot) {
  const auto found = std::ranges::find_if(
      all_anchors(), [&](const Slot& anchor) { return same_object(anchor, slot); });
  return found != all_anchors().end() ? &*found : nullptr;
}

// A new anchor, before `slot`, that has not begun to walk.
Slot* make_anchor(Slot& slot) {
  Slot* const anchor = std::ranges::find_if(anchors, &Slot::is_empty);
  if (anchor == anchors.end()) return nullptr;
  anchors_used = std::max(anchors_used, static_cast<std::size_t>(anchor - anchors.begin()) + 1);
  anchor->type = slot.type;
  anchor->base = slot.base;
  anchor->bytes = slot.bytes;
  anchor->rights = slot.rights;
  insert_before(slot, *anchor);
  return anchor;
}

// Does one step. Returns whether all capabilities carry the anchor's mark.
bool mark(Slot& anchor, bool is_remote) {
  std::size_t passed = 0;
  while (anchor.is_remote != is_remote) {
    if (!names_frame_of(anchor, anchor.previous)) {
      anchor.is_remote = is_remote;
    } else {
      if (++passed > kRemoteStep) return false;
      change_places(*anchor.previous, anchor);
    }
  }
  while (names_frame_of(anchor, anchor.next)) {
    if (++passed > kRemoteStep) return false;
    Slot& next = *anchor.next;
    next.is_remote = is_remote;
    if (next.is_original) break;
    change_places(anchor, next);
  }
  return true;
}

}  // namespace

Result<void> set_remote(Slot& slot, bool is_remote) {
  if (slot.is_empty()) return Error::no_capability;
  if (slot.type != Type::frame) return Error::wrong_type;
  Slot* anchor = find_anchor(slot);
  if (anchor == nullptr && !is_remote) return {};
  if (anchor == nullptr) anchor = make_anchor(slot);
  if (anchor == nullptr) return Error::out_of_memory;
  if (!mark(*anchor, is_remote)) return Error::again;
  return is_remote ? Result<void>() : remove(*anchor);
}

Result<void> may_give_away(const Slot& ram) {
  if (given_away_count == given_away.size()) return Error::out_of_memory;
  return ram.is_remote || newest_descendant(ram) != nullptr ? Result<void>(Error::in_use)
                                                            : Result<void>();
}

// It comes back with contents.
void give_away(Slot& ram) {
  Slot& kept = given_away[given_away_count++];
  take_place(kept, ram);
  kept.is_remote = true;
  kept.clean = {};
}

//@ since monitor
Slot* find_given_away(PhysicalRange range) {
  const auto given = std::span(given_away).first(given_away_count);
  const auto found = std::ranges::find_if(given, [&](const Slot& slot) {
    return slot.base < range.end.value() && range.begin.value() < slot.end();
  });
  return found != given.end() ? &*found : nullptr;
}

void take_back(Slot& kept, Slot& target) {
  take_place(target, kept);
  target.is_remote = false;
  Slot& last = given_away[--given_away_count];
  if (&kept != &last) take_place(kept, last);
}

//@ end
bool is_known_to_other_cores(const Slot& slot) {
  const auto is_made_from_it = [&](const Slot& other) {
    return other.is_remote && may_have_made(slot, other);
  };
  return std::ranges::any_of(all_anchors(), is_made_from_it) ||
         std::ranges::any_of(std::span(given_away).first(given_away_count), is_made_from_it);
}

}  // namespace sprat::cap
