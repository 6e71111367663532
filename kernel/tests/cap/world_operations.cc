// world_operations.cc — random operations, valid and not; each is done to the capabilities and to the model.

#include <algorithm>
#include <cstring>

#include "memory/window.hh"
#include "tests/cap/world.hh"

namespace sprat::test {

using cap::Slot;

// Checks that the model allows the result. Returns whether the operation was done.
bool World::expect(const Errors& errors, const Result<void>& result) {
  if (result.ok()) {
    if (!errors.empty()) mismatch("it was done, and should not have been");
    return true;
  }
  if (!errors.has(result.error())) mismatch("it was refused: %s", name_of(result.error()));
  return false;
}

void World::copy() {
  Slot* const source = one_in(30) ? any_slot() : any_capability();
  Slot* const target = any_slot();
  note("copy %s %p to %p", name_of(source->type), source, target);
  const Errors errors = model_.of_copy(source, target, {});
  if (expect(errors, cap::copy(*source, *target))) model_.copy(source, target, {});
  model_.check_slot(source);
  model_.check_slot(target);
}

void World::mint() {
  using enum Type;
  Slot* const source = capability_of({frame, device_frame, cnode, dispatcher, endpoint, endpoint,
                                      notification, irq, io_ports, page_table_4});
  Slot* const target = any_slot();
  cap::MintArguments arguments{.keep = one_in(2) ? kAllRights : Rights(random(16))};
  if (one_in(2)) arguments.badge_or_first = one_in(9) ? random_() : random(30);
  if (one_in(3)) arguments.count = one_in(9) ? random_() : random(30);
  note("mint %s %p to %p: rights %x, %lx, %lx", name_of(source->type), source, target,
       arguments.keep.bits(), arguments.badge_or_first, arguments.count);
  const Errors errors = model_.of_copy(source, target, arguments);
  if (expect(errors, cap::mint(*source, *target, arguments))) {
    model_.copy(source, target, arguments);
  }
  model_.check_slot(source);
  model_.check_slot(target);
}

void World::move() {
  Slot* const source = one_in(30) ? any_slot() : any_capability();
  Slot* const target = any_slot();
  const auto roots = roots_.all();
  if (source->is_part || std::ranges::find(roots, source) != roots.end()) return;
  move_to(source, target);
}

void World::move_to(Slot* source, Slot* target) {
  if (source == &anchor_) return;  // the monitor's
  note("move %s %p to %p", name_of(source->type), source, target);
  const Errors errors = model_.of_move(source, target);
  if (expect(errors, cap::move(*source, *target))) model_.move(source, target);
  model_.check_slot(source);
  model_.check_slot(target);
}

// The Ram that a CNode is made of, or the CNode itself, goes into that CNode, and perhaps revokes from there.
void World::move_into_own() {
  const auto roots = roots_.all();
  for (unsigned tries = 0; tries < 8; ++tries) {
    Slot* const cnode = capability_of({Type::cnode});
    if (cnode->type != Type::cnode || cnode->is_part) continue;
    const Object* const object = model_.at(cnode)->object;
    Slot* const source = one_in(4) ? cnode : *object->parent->places.begin();
    if (std::ranges::find(roots, source) != roots.end()) continue;
    Slot* const target = cap::slot_of(*cnode, 1 + random(255)).value();
    move_to(source, target);
    if (one_in(4) && !target->is_empty()) revoke_all(target);
    return;
  }
}

void World::retype() {
  using enum Type;
  Slot* const source =
      one_in(20) ? any_capability() : capability_of({ram, ram, ram, physical_memory, dispatcher});
  constexpr std::array kFromRam{ram,          ram,          frame,        frame,
                                frame,        cnode,        page_table_1, page_table_2,
                                page_table_3, page_table_4, dispatcher};
  constexpr std::array kFromDevices{physical_memory, device_frame, device_frame};
  Type type = static_cast<Type>(random(one_in(3) ? 256 : kTypes));
  if (!one_in(25)) {
    if (source->type == ram) type = kFromRam[random(kFromRam.size())];
    if (source->type == dispatcher) type = one_in(2) ? endpoint : notification;
    if (source->type == physical_memory) type = kFromDevices[random(kFromDevices.size())];
  }
  unsigned size_bits = 12 + static_cast<unsigned>(random(one_in(10) ? 11 : 4));
  if (type > frame && type != device_frame && type != physical_memory) size_bits = 0;
  if (one_in(40)) size_bits = static_cast<unsigned>(random(70));
  const std::span<Slot> targets = any_slots(one_in(10) ? random(70) : 1 + random(3));
  const cap::RetypeArguments arguments{type, size_bits, one_in(50) ? random(4) : targets.size()};
  note("retype %s %p to %zu %s of 2^%u at %p", name_of(source->type), source, arguments.count,
       name_of(type), size_bits, targets.data());
  const Errors errors = model_.of_retype(source, arguments, targets);
  auto result = cap::retype(*source, arguments, targets);
  for (std::uint64_t zeroed = 0; !result && result.error() == Error::again;) {
    if (!errors.empty() || source->type != ram || type == ram) mismatch("again, for no reason");
    zeroed += cap::kZeroStep;
    if (zeroed > source->bytes) mismatch("again does not end");
    if (one_in(20)) return;
    result = cap::retype(*source, arguments, targets);
  }
  if (!expect(errors, result)) return;
  model_.retype(source, arguments, targets);
  model_.check_slot(source);
  for (Slot& target : targets) {
    model_.check_slot(&target);
    if (source->type != ram || type != frame) continue;
    const auto* const words = memory::window<std::uint64_t>(PhysicalAddress(target.base));
    if (words[0] != 0 || std::memcmp(words, words + 1, target.bytes - 8) != 0) {
      mismatch("a frame that is not zero");
    }
  }
}

void World::remove() {
  Slot* const slot = one_in(30) ? any_slot() : any_capability();
  const auto roots = roots_.all();
  if (slot->is_mapped && !one_in(3)) return;
  if (slot == &anchor_ || std::ranges::find(roots, slot) != roots.end()) return;
  if (slot->type == Type::ram && !one_in(4)) return;
  note("remove %s %p", name_of(slot->type), slot);
  const Errors errors = model_.of_remove(slot);
  if (expect(errors, cap::remove(*slot))) model_.remove(slot);
  model_.check_slot(slot);
}

void World::revoke() {
  using enum Type;
  Slot* const slot = one_in(200) ? &roots_.large_ram
                     : one_in(2) ? any_capability()
                                 : capability_of({ram, frame, dispatcher, cnode, endpoint});
  const auto roots = roots_.all();
  const bool is_root = std::ranges::find(roots, slot) != roots.end();
  if (is_root && !one_in(50)) return;
  revoke_all(slot);
}

// Step by step, until there is nothing more, sometimes not so long.
void World::revoke_all(Slot* slot) {
  note("revoke %s %p", name_of(slot->type), slot);
  const Errors errors = model_.of_revoke(slot);
  for (std::size_t steps = 0;; ++steps) {
    if (steps > 4000) mismatch("again does not end");
    const auto result = cap::revoke(*slot);
    if (model_.at(slot) != nullptr) model_.follow_step(slot);
    check_hooks();
    if (result.ok()) {
      if (!errors.empty()) mismatch("it was done, and should not have been");
      if (model_.at(slot) == nullptr) mismatch("it was done for a slot that is empty now");
      if (model_.has_descendants(slot)) mismatch("it is done, and something is left");
      return;
    }
    if (result.error() != Error::again) {
      const bool is_remote = result.error() == Error::ask_monitor && errors.empty();
      const bool went_too = result.error() == Error::no_capability && model_.at(slot) == nullptr;
      if (!is_remote && !went_too && !errors.has(result.error())) {
        mismatch("it was refused: %s", name_of(result.error()));
      }
      return;
    }
    if (!errors.empty()) mismatch("again, and it should have been refused");
    if (model_.at(slot) == nullptr) mismatch("again, for a slot that is empty now");
    if (one_in(60)) return;
  }
}

void World::take_apart() {
  note("take apart");
  std::size_t steps = 0;
  do {
    const bool more = cap::take_apart();
    model_.follow_step(nullptr);
    check_hooks();
    if (more != model_.is_anything_dying()) mismatch("more to take apart: %d", more);
    if (++steps > 4000) mismatch("taking apart does not end");
  } while (model_.is_anything_dying() && !one_in(4));
}

void World::map() {
  Slot* const table = any_table();
  if (table == nullptr) return;
  const unsigned level = table_level(table->type);
  using enum Type;
  const Type below = page_table_type(level > 1 ? level - 1 : 1);
  const bool is_table = level >= 3 || (level == 2 && !one_in(3));
  Slot* source = nullptr;
  for (unsigned tries = 0; tries < 4; ++tries) {
    source = is_table ? capability_of({below}) : capability_of({frame, frame, device_frame});
    if (!source->is_mapped) break;
  }
  const std::uint64_t entry = one_in(20) ? random(600) : random(one_in(3) ? 512 : 12);
  const Rights rights(one_in(4) ? random(16) : 2 * random(3));
  note("map %s %p into %s %p at %lu: %x", name_of(source->type), source, name_of(table->type),
       table, entry, rights.bits());
  const Errors errors = model_.of_map(table, entry, source, rights);
  if (expect(errors, cap::map(*table, entry, *source, rights))) {
    model_.map(table, entry, source, rights);
  }
  model_.check_slot(source);
}

void World::unmap() {
  Slot* const table = any_table();
  if (table == nullptr) return;
  const std::uint64_t entry = one_in(20) ? random(600) : random(one_in(3) ? 512 : 12);
  note("unmap %s %p at %lu", name_of(table->type), table, entry);
  const Errors errors = model_.of_unmap(table, entry);
  if (expect(errors, cap::unmap(*table, entry))) model_.unmap(table, entry);
}

void World::find() {
  Slot* const root = capability_of({Type::cnode});
  const CapAddress address(one_in(4) ? random(1 << 18)
                                     : random(2) << 16 | random(24) << 8 | random(24));
  note("find %x from %p", address.raw(), root);
  const auto found = cap::find_slot(*root, address);
  Slot* const expected = model_.find(root, address);
  if (found.ok() != (expected != nullptr)) mismatch("find");
  if (found.ok() && found.value() != expected) mismatch("found another slot");
  if (!found.ok() && found.error() != Error::no_capability) mismatch("find");
}

// As `configure` does: a copy inside of a dispatcher, which lives from it.
void World::keep_part() {
  using enum Type;
  Slot* const around = capability_of({dispatcher});
  if (around->type != dispatcher) return;
  Slot* const source = capability_of({cnode, cnode, page_table_4, frame, notification});
  Slot* const part = &cap::dispatcher_parts(*around)[random(cap::kDispatcherParts)];
  note("keep %s %p in %p", name_of(source->type), source, part);
  const Errors errors = model_.of_copy(source, part, {});
  if (!expect(errors, cap::copy(*source, *part))) return;
  part->is_part = true;
  model_.copy(source, part, {});
  model_.keep_part(part);
}

void World::set_remote() {
  Slot* const slot = any_capability();
  if (slot->type == Type::irq || slot->type == Type::io_ports || slot->is_foreign) return;
  slot->is_remote = one_in(10);
  note("set remote of %s %p to %d", name_of(slot->type), slot, slot->is_remote);
  model_.set_remote(slot, slot->is_remote);
}

// ---- frames that other cores know of, as the monitor handles them

void World::adopt() {
  make_root(anchor_, Type::frame, 0x4000'0000, 2 * kPageSize);
  anchor_.is_foreign = anchor_.is_remote = true;
  model_.make_root(&anchor_);
  model_.set_remote(&anchor_, true);
}

void World::share() {
  Slot* const source = one_in(10)  ? any_capability()
                       : one_in(8) ? capability_of({Type::ram})
                       : one_in(2) ? &anchor_
                                   : capability_of({Type::frame});
  Slot* const target = any_slot();
  const bool is_ram = source->type == Type::ram;
  const auto roots = roots_.all();
  if (is_ram && std::ranges::find(roots, source) != roots.end()) return;
  const Rights keep(one_in(2) ? 15 : random(16));
  note("share %s %p to %p: %x", name_of(source->type), source, target, keep.bits());
  const Errors errors = model_.of_share(source, target);
  if (expect(errors, cap::share(*source, *target, keep)))
    is_ram ? model_.move(source, target) : model_.copy(source, target, {.keep = keep});
  model_.check_slot(source);
  model_.check_slot(target);
}

// All steps, or some.
void World::sweep() {
  Slot* const anchor = one_in(4) ? capability_of({Type::frame}) : &anchor_;
  note("sweep %p", anchor);
  const Errors errors = model_.of_sweep(anchor);
  for (;;) {
    const auto result = cap::sweep(*anchor);
    if (errors.empty()) model_.follow_step(nullptr, anchor);
    check_hooks();
    const bool is_again = !result && result.error() == Error::again && errors.empty();
    if (!is_again) expect(errors, result);
    if (result && model_.at(anchor)->object->places.size() != 1) mismatch("a copy is left");
    if (!is_again || one_in(4)) return;
  }
}

void World::drop() {
  Slot* const anchor = one_in(4) ? any_capability() : &anchor_;
  note("drop %p", anchor);
  Errors errors = model_.of_sweep(anchor);
  if (errors.empty()) errors.add_if(model_.at(anchor)->object->places.size() != 1, Error::in_use);
  if (!expect(errors, cap::drop(*anchor))) return;
  model_.remove(anchor);
  check_hooks();
  adopt();
}

void World::end_foreign() {
  while (!cap::sweep(anchor_)) model_.follow_step(nullptr, &anchor_);
  model_.follow_step(nullptr, &anchor_);
  check_hooks();
  if (!cap::drop(anchor_)) mismatch("drop");
  model_.remove(&anchor_);
}

// A process writes into a frame of its own.
void World::use_memory() {
  Slot* const frame = capability_of({Type::frame});
  if (frame->type != Type::frame || frame->is_foreign) return;
  for (std::uint64_t page = frame->base; page < frame->end(); page += kPageSize) {
    memory::window<std::uint64_t>(PhysicalAddress(page))[random(512)] = random_();
  }
}

// The processor uses a mapping, and caches the translation.
void World::use_translation() {
  const Slot* slot = nullptr;
  for (unsigned tries = 0; tries < 6; ++tries) {
    slot = capability_of({Type::frame, Type::frame, Type::device_frame, Type::page_table_1});
    if (slot->is_mapped) break;
  }
  std::uint64_t address = 0;
  for (; slot->is_mapped; slot = slot->mapping.table_slot) {
    const unsigned level =
        slot->mapping.table_slot != nullptr ? table_level(slot->mapping.table_slot->type) : 4;
    address += std::uint64_t{slot->first_entry} << (12 + 9 * (level - 1));
    if (level == 4) return touch(PhysicalAddress(slot->mapping.table), VirtualAddress(address));
  }
}

}  // namespace sprat::test
