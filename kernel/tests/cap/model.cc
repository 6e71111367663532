// model.cc — the effects of the operations, with sets and maps.

#include "tests/cap/model.hh"

#include <algorithm>
#include <cstdarg>
#include <cstdio>

#include "memory/window.hh"
#include "tests/cap/machine.hh"
#include "tests/cap/rules.hh"

namespace sprat::test {

using cap::Slot;

namespace {

Slot* own_slot(const Object& object) {
  return object.type == Type::cnode ? memory::window<Slot>(PhysicalAddress(object.base))
                                    : &dispatcher_at(object.base).own;
}

bool descends(const Object* object, const Object* ancestor) {
  while (object != nullptr && object != ancestor) object = object->parent;
  return object != nullptr;
}

}  // namespace

void mismatch(const char* format, ...) {
  std::array<char, 300> text;
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text.data(), text.size(), format, arguments);
  va_end(arguments);
  throw Mismatch{text.data()};
}

// ---- looking ----------------------------------------------------------------------------------------------------

const Capability* Model::at(Slot* place) const {
  const auto found = capabilities_.find(place);
  return found != capabilities_.end() ? &found->second : nullptr;
}

bool Model::is_anything_dying() const {
  return std::ranges::any_of(stores_, [](const auto& store) { return store.second->is_dying; });
}

bool Model::has_descendants(Slot* place) const {
  const Object* const object = at(place)->object;
  return object->places.size() > 1 || !object->children.empty();
}

Slot* Model::find(Slot* root, CapAddress address) const {
  const auto cnode_at = [&](Slot* place) -> Slot* {
    const Capability* const capability = at(place);
    const bool is_cnode = capability != nullptr && capability->object->type == Type::cnode;
    return is_cnode ? memory::window<Slot>(PhysicalAddress(capability->base)) : nullptr;
  };
  const std::uint32_t raw = address.raw();
  Slot* const slots = cnode_at(root);
  if (slots == nullptr || raw >> 17 != 0) return nullptr;
  Slot* const node = slots + (raw >> 8 & 0xff);
  if (raw >> 16 != 0) return node != slots && (raw & 0xff) == 0 ? node : nullptr;
  Slot* const second = cnode_at(node);
  return second != nullptr && (raw & 0xff) != 0 ? second + (raw & 0xff) : nullptr;
}

Object* Model::holder_of(const Slot* place) const {
  const std::ptrdiff_t offset = reinterpret_cast<const std::byte*>(place) - first_byte();
  if (offset < 0 || offset >= static_cast<std::ptrdiff_t>(kMemoryBytes)) return nullptr;
  const auto behind = stores_.upper_bound(offset);
  return behind != stores_.begin() ? std::prev(behind)->second : nullptr;
}

bool Model::is_alive(std::uint64_t store) const {
  const auto found = stores_.find(store);
  return found != stores_.end() && !found->second->is_dying;
}

// ---- doing ------------------------------------------------------------------------------------------------------

Capability& Model::add(Slot* place, const Capability& capability) {
  capability.object->places.insert(place);
  by_type_[static_cast<std::size_t>(capability.object->type)].push_back(place);
  return capabilities_[place] = capability;
}

Object* Model::new_object(Type type, std::uint64_t base, std::uint64_t bytes, Object* parent) {
  auto object = std::make_unique<Object>(Object{type, base, bytes, parent, false, {}, {}, {}});
  Object* const made = object.get();
  objects_[made] = std::move(object);
  if (parent != nullptr) parent->children.insert(parent->children.begin(), made);
  if (is_store(type)) stores_[base] = made;
  return made;
}

// The object has no capability any more: its children become its parent's, in its place.
void Model::end(Object* object) {
  if (is_store(object->type)) stores_.erase(object->base);
  for (const auto& [entry, place] : object->mapped) capabilities_.at(place).table = nullptr;
  for (Object* child : object->children) child->parent = object->parent;
  if (object->parent != nullptr) {
    auto& siblings = object->parent->children;
    const auto place = siblings.erase(std::ranges::find(siblings, object));
    siblings.insert(place, object->children.begin(), object->children.end());
  }
  objects_.erase(object);
}

void Model::erase(Slot* place) {
  Capability capability = capabilities_.at(place);
  unmap(capability);
  if (capability.is_part) lost_parts_.insert(place);
  capabilities_.erase(place);
  auto& same_type = by_type_[static_cast<std::size_t>(capability.object->type)];
  *std::ranges::find(same_type, place) = same_type.back();
  same_type.pop_back();
  Object& object = *capability.object;
  object.places.erase(place);
  if (!object.places.empty()) return;
  if (is_store(object.type) && !object.is_dying) {
    object.is_dying = true;
    capability.is_part = false;
    add(own_slot(object), capability);
  } else {
    end(&object);
  }
}

void Model::unmap(Capability& capability) {
  if (capability.table == nullptr) return;
  for (std::size_t i = 0; i < capability.entries; ++i) {
    capability.table->mapped.erase(capability.first_entry + i);
  }
  capability.table = nullptr;
}

void Model::make_root(Slot* place) {
  Object* const object = new_object(place->type, place->base, place->bytes, nullptr);
  add(place, {object, place->base, place->bytes, place->rights, 0});
}

void Model::copy(Slot* source, Slot* target, const cap::MintArguments& arguments) {
  Capability copied = capabilities_.at(source);
  copied.is_original = copied.is_part = false;
  copied.table = nullptr;
  copied.rights = Rights(copied.rights.bits() & arguments.keep.bits());
  if (has_badge(copied.object->type) && copied.badge == 0) copied.badge = arguments.badge_or_first;
  if (has_range(copied.object->type)) {
    const std::uint64_t rest = copied.bytes - arguments.badge_or_first;
    copied.base += arguments.badge_or_first;
    copied.bytes = arguments.count != 0 ? arguments.count : rest;
  }
  add(target, copied);
}

void Model::move(Slot* source, Slot* target) {
  const Capability capability = capabilities_.at(source);
  capabilities_[target] = capability;
  capabilities_.erase(source);
  capability.object->places.erase(source);
  capability.object->places.insert(target);
  *std::ranges::find(by_type_[static_cast<std::size_t>(capability.object->type)], source) = target;
  for (std::size_t i = 0; capability.table != nullptr && i < capability.entries; ++i) {
    capability.table->mapped[capability.first_entry + i] = target;
  }
}

void Model::retype(Slot* source, const cap::RetypeArguments& arguments, std::span<Slot> targets) {
  const Capability from = capabilities_.at(source);
  const std::uint64_t size = size_of(arguments);
  std::uint64_t base = place_in(*from.object, size);
  for (Slot& target : targets) {
    add(&target, {new_object(arguments.type, base, size, from.object), base, size, from.rights, 0});
    base += size;
  }
}

void Model::remove(Slot* place) { erase(place); }

void Model::map(Slot* table, std::uint64_t first_entry, Slot* source, Rights rights) {
  Object& into = *at(table)->object;
  Capability& what = capabilities_.at(source);
  what.table = &into;
  what.first_entry = first_entry;
  what.entries = entries_needed(into, what);
  what.mapped_rights = rights;
  for (std::size_t i = 0; i < what.entries; ++i) into.mapped[first_entry + i] = source;
}

void Model::unmap(Slot* table, std::uint64_t entry) {
  Slot* const mapped = at(table)->object->mapped.at(entry);
  unmap(capabilities_.at(mapped));
}

// ---- following --------------------------------------------------------------------------------------------------

void Model::follow_step(Slot* revoked, Slot* swept) {
  struct Gone {
    Slot* place;
    bool may_go;
    // Or one of these must be dying or deleted: the holder of the slot, and the dispatcher that it leads to.
    std::uint64_t holder, leads_to;
  };
  constexpr std::uint64_t kNobody = ~std::uint64_t{0};
  std::vector<Gone> gone;
  const Object* const root = revoked != nullptr ? at(revoked)->object : nullptr;
  for (const auto& [place, capability] : capabilities_) {
    const Object* const object = capability.object;
    if (!place->is_empty() || object->is_dying) continue;
    const bool goes_along =
        (root != nullptr && place != revoked && !capability.is_remote && descends(object, root)) ||
        (swept != nullptr && place != swept && object == at(swept)->object);
    const Object* const holder = holder_of(place);
    gone.push_back({place, goes_along, holder != nullptr ? holder->base : kNobody,
                    has_badge(object->type) ? object->parent->base : kNobody});
  }
  if (gone.size() > cap::kRevokeStep) mismatch("%zu capabilities went in one step", gone.size());
  for (const Gone& one : gone) erase(one.place);
  end_what_is_empty();
  const auto has_ended = [&](std::uint64_t store) { return store != kNobody && !is_alive(store); };
  for (const Gone& one : gone) {
    if (!one.may_go && !has_ended(one.holder) && !has_ended(one.leads_to)) {
      mismatch("the capability in slot %p went without a reason", static_cast<void*>(one.place));
    }
  }
}

// Objects that were dying may have ended. Which of its capabilities was a dying object's last is up to the order in which
// they went.
void Model::end_what_is_empty() {
  std::vector<Object*> dying;
  for (const auto& [base, object] : stores_) {
    if (object->is_dying) dying.push_back(object);
  }
  for (Object* object : dying) {
    Slot* const own = own_slot(*object);
    if (!own->is_empty()) {
      Capability& capability = capabilities_.at(own);
      capability.rights = own->rights;
      capability.is_original = own->is_original;
      capability.is_remote = own->is_remote;
      continue;
    }
    const bool holds_something = std::ranges::any_of(capabilities_, [&](const auto& entry) {
      return entry.first != own && holder_of(entry.first) == object;
    });
    if (holds_something || !object->children.empty()) {
      mismatch("the object at 0x%lx ended and was not empty", object->base);
    }
    erase(own);
  }
}

}  // namespace sprat::test
