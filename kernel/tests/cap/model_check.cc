// model_check.cc — compares the kernel's state with the model's.

#include <algorithm>

#include "cap/slot.hh"
#include "memory/window.hh"
#include "tests/cap/machine.hh"
#include "tests/cap/model.hh"

namespace sprat::test {

using cap::Slot;

namespace {

bool has_memory(Type type) { return type < Type::endpoint; }

void append_family(const Object* object, std::vector<const Object*>& family) {
  family.push_back(object);
  for (const Object* child : object->children) append_family(child, family);
}

// The entry that the processor should find where `capability` is mapped.
std::uint64_t expected_entry(const Capability& capability, std::size_t number) {
  constexpr std::uint64_t kPresent = 1, kWritable = 2, kUser = 4, kUncached = 16, kLarge = 128;
  constexpr std::uint64_t kNoExecute = std::uint64_t{1} << 63;
  if (capability.entries == 1 && table_level(capability.object->type) != 0) {
    return capability.base | kPresent | kWritable | kUser;
  }
  const bool is_large = capability.table->type == Type::page_table_2;
  const std::uint64_t unit = is_large ? kLargePageSize : kPageSize;
  const unsigned rights = capability.mapped_rights.bits();
  return (capability.base + (number - capability.first_entry) * unit) | kPresent | kUser |
         ((rights & 2) != 0 ? kWritable : 0) | ((rights & 4) != 0 ? 0 : kNoExecute) |
         (capability.object->type == Type::device_frame ? kUncached : 0) | (is_large ? kLarge : 0);
}

void check_mapping(const Slot& slot, const Capability& capability) {
  const Object* const table = capability.table;
  if (slot.is_mapped != (table != nullptr)) {
    mismatch("slot %p: is_mapped is %d", static_cast<const void*>(&slot), slot.is_mapped);
  }
  if (table == nullptr) return;
  const Slot* const table_slot =
      table->type == Type::page_table_4 ? nullptr : *table->places.begin();
  if (slot.mapping.table != table->base || slot.mapping.table_slot != table_slot ||
      slot.first_entry != capability.first_entry) {
    mismatch("slot %p is mapped at the wrong place", static_cast<const void*>(&slot));
  }
}

}  // namespace

void Model::check_slot(Slot* place) const {
  const Capability* const wanted = at(place);
  if (wanted == nullptr) {
    if (!place->is_empty()) mismatch("slot %p should be empty", static_cast<void*>(place));
    return;
  }
  const Type type = wanted->object->type;
  if (place->type != type || place->base != wanted->base || place->bytes != wanted->bytes) {
    mismatch("slot %p: %s [0x%lx, +0x%lx), should be %s [0x%lx, +0x%lx)", static_cast<void*>(place),
             name_of(place->type), place->base, place->bytes, name_of(type), wanted->base,
             wanted->bytes);
  }
  if (place->rights != wanted->rights || place->is_original != wanted->is_original ||
      place->is_remote != wanted->is_remote || place->is_part != wanted->is_part ||
      place->is_dying != wanted->object->is_dying) {
    mismatch("slot %p: rights %x, should be %x; or another of its marks is wrong",
             static_cast<void*>(place), place->rights.bits(), wanted->rights.bits());
  }
  const bool has_badge = type == Type::endpoint || type == Type::notification;
  if (has_badge && place->badge != wanted->badge) mismatch("badge %lx", place->badge);
  check_mapping(*place, *wanted);
}

void Model::check_everything() const {
  check_order();
  check_stores();
  check_tables();
  check_memory();
}

// The list holds each capability once, ancestors before descendants without gaps, and of one object the original last.
void Model::check_order() const {
  std::vector<const Object*> expected;
  std::size_t next_expected = 0, seen = 0;
  const Slot* previous = nullptr;
  for (Slot* slot = cap::first_capability(); slot != nullptr;) {
    const Capability* capability = at(slot);
    if (capability == nullptr) mismatch("slot %p belongs to no CNode", static_cast<void*>(slot));
    const Object* const object = capability->object;
    if (next_expected == expected.size()) {
      if (object->parent != nullptr)
        mismatch("descendants without an ancestor: 0x%lx", object->base);
      append_family(object, expected);
    }
    if (expected[next_expected++] != object) mismatch("0x%lx is out of order", object->base);
    for (std::size_t i = 0; i < object->places.size(); ++i) {
      capability = slot != nullptr ? at(slot) : nullptr;
      if (capability == nullptr || capability->object != object) {
        mismatch("the capabilities to 0x%lx do not stand together", object->base);
      }
      if (capability->is_original && i + 1 != object->places.size()) {
        mismatch("the original of 0x%lx is not the last", object->base);
      }
      if (slot->previous != previous) mismatch("slot %p: previous", static_cast<void*>(slot));
      check_slot(slot);
      previous = slot;
      slot = slot->next;
      ++seen;
    }
  }
  if (next_expected != expected.size() || seen != capabilities_.size()) {
    mismatch("%zu capabilities in the list, should be %zu", seen, capabilities_.size());
  }
}

// No CNode or Dispatcher holds anything that the model does not know of.
void Model::check_stores() const {
  for (const auto& [base, object] : stores_) {
    if (object->type == Type::cnode) {
      for (Slot& slot : *memory::window<cap::CNodeObject>(PhysicalAddress(base))) {
        if (!slot.is_empty() && at(&slot) == nullptr) mismatch("CNode 0x%lx", base);
      }
    } else {
      Dispatcher& dispatcher = dispatcher_at(base);
      for (Slot& slot : dispatcher.parts) {
        if (!slot.is_empty() && at(&slot) == nullptr) mismatch("part of 0x%lx", base);
      }
      if (!dispatcher.own.is_empty() && at(&dispatcher.own) == nullptr) mismatch("own 0x%lx", base);
      if (dispatcher.made != 1 || dispatcher.died != (object->is_dying ? 1 : 0)) {
        mismatch("dispatcher 0x%lx was made %lu times and died %lu times", base, dispatcher.made,
                 dispatcher.died);
      }
    }
  }
}

void Model::check_tables() const {
  for (const auto& [key, object] : objects_) {
    if (table_level(object->type) == 0) continue;
    const cap::TableObject& table = cap::table_at(object->base);
    const bool is_root = object->type == Type::page_table_4;
    if (is_root && table.entries[256] != kKernelHalf) mismatch("kernel's half of 0x%lx", key->base);
    auto mapped = object->mapped.begin();
    for (std::size_t i = 0; i < table.entries.size(); ++i) {
      Slot* wanted = nullptr;
      std::uint64_t entry = is_root && i == 256 ? kKernelHalf : 0;
      if (mapped != object->mapped.end() && mapped->first == i) {
        wanted = mapped->second;
        entry = expected_entry(capabilities_.at(wanted), i);
        ++mapped;
      }
      if (table.mapped[i] != wanted || table.entries[i] != entry) {
        mismatch("entry %zu of 0x%lx is 0x%lx, should be 0x%lx", i, object->base, table.entries[i],
                 entry);
      }
    }
  }
}

// Children lie within their parents and apart from each other; memory marked as clean is zero and unused.
void Model::check_memory() const {
  for (const auto& [key, object] : objects_) {
    if (!has_memory(object->type)) continue;
    std::uint64_t above = object->base + object->bytes;
    for (const Object* child : object->children) {
      if (child->base < object->base || child->base + child->bytes > above) {
        mismatch("0x%lx overlaps its sibling or leaves its parent", child->base);
      }
      above = child->base;
    }
    if (object->type != Type::ram) continue;
    const Slot& slot = **object->places.begin();
    if (slot.clean.begin == slot.clean.end) continue;
    const std::uint64_t used =
        object->children.empty() ? object->base
                                 : object->children.front()->base + object->children.front()->bytes;
    if (slot.clean.begin < used || slot.clean.end > slot.end()) mismatch("clean, and in use");
    const auto* const first = memory::window<std::uint64_t>(PhysicalAddress(slot.clean.begin));
    const std::size_t words = (slot.clean.end - slot.clean.begin) / 8;
    for (std::size_t i = 0; i < words; i += 1 + words / 64) {
      if (first[i] != 0) mismatch("not clean: 0x%lx", slot.clean.begin + 8 * i);
    }
  }
}

}  // namespace sprat::test
