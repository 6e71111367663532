#include "tests/cap/model.hh"

#include <algorithm>
#include <cstdarg>
#include <cstdio>

#include "cap/objects.hh"
#include "tests/cap/machine.hh"

namespace sprat::test {

using cap::Slot;

namespace {

bool is_table(Type type) { return type >= Type::page_table_1 && type <= Type::page_table_4; }

bool is_store(Type type) { return type == Type::cnode || type == Type::dispatcher; }

bool has_badge(Type type) { return type == Type::endpoint || type == Type::notification; }

bool has_range(Type type) { return type == Type::irq || type == Type::io_ports; }

bool may_be_made(Type from, Type to) {
  static const std::map<Type, std::set<Type>> kEdges{
      {Type::physical_memory, {Type::physical_memory, Type::device_frame}},
      {Type::ram,
       {Type::ram, Type::frame, Type::cnode, Type::page_table_1, Type::page_table_2,
        Type::page_table_3, Type::page_table_4, Type::dispatcher}},
      {Type::dispatcher, {Type::endpoint, Type::notification}}};
  const auto edges = kEdges.find(from);
  return edges != kEdges.end() && edges->second.contains(to);
}

bool may_be_copied(Type type) {
  static const std::set<Type> kCopied{
      Type::frame,    Type::device_frame, Type::cnode, Type::page_table_4, Type::dispatcher,
      Type::endpoint, Type::notification, Type::irq,   Type::io_ports,     Type::kernel};
  return kCopied.contains(type);
}

// Bytes of an object; 0 if nobody can ask for that.
std::uint64_t size_of(const cap::RetypeArguments& arguments) {
  const auto fixed = [&](unsigned bits) -> std::uint64_t {
    return arguments.size_bits == 0 || arguments.size_bits == bits ? std::uint64_t{1} << bits : 0;
  };
  if (arguments.type == Type::cnode) return fixed(14);
  if (is_table(arguments.type)) return fixed(13);
  if (arguments.type == Type::dispatcher) return fixed(11);
  if (has_badge(arguments.type)) return fixed(0);
  return arguments.size_bits >= 12 && arguments.size_bits <= 52
             ? std::uint64_t{1} << arguments.size_bits
             : 0;
}

// Where objects of `size` bytes made from `source` begin: behind everything that was made from it.
std::uint64_t place_in(const Object& source, std::uint64_t size) {
  std::uint64_t used = source.base;
  for (const Object* child : source.children) used = std::max(used, child->base + child->bytes);
  return (used + size - 1) / size * size;
}

Slot* own_slot(const Object& object) {
  return object.type == Type::cnode ? boot::window<Slot>(PhysicalAddress(object.base))
                                    : &dispatcher_at(object.base).own;
}

bool descends(const Object* object, const Object* ancestor) {
  while (object != nullptr && object != ancestor) object = object->parent;
  return object != nullptr;
}

// Entries that mapping `source` into `table` takes.
std::size_t entries_needed(const Object& table, const Capability& source) {
  if (is_table(source.object->type)) return 1;
  return source.bytes / (table.type == Type::page_table_1 ? kPageSize : kLargePageSize);
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
    return is_cnode ? boot::window<Slot>(PhysicalAddress(capability->base)) : nullptr;
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
  const std::ptrdiff_t offset = reinterpret_cast<const std::byte*>(place) - memory();
  if (offset < 0 || offset >= static_cast<std::ptrdiff_t>(kMemoryBytes)) return nullptr;
  const auto behind = stores_.upper_bound(offset);
  return behind != stores_.begin() ? std::prev(behind)->second : nullptr;
}

bool Model::is_alive(std::uint64_t store) const {
  const auto found = stores_.find(store);
  return found != stores_.end() && !found->second->is_dying;
}

// ---- foretelling ------------------------------------------------------------------------------------------------

Errors Model::of_copy(Slot* source, Slot* target, const cap::MintArguments& arguments) const {
  Errors errors;
  errors.add_if(at(target) != nullptr, Error::slot_in_use);
  const Capability* const from = at(source);
  if (from == nullptr) {
    errors.add_if(true, Error::no_capability);
    return errors;
  }
  const Type type = from->object->type;
  errors.add_if(!may_be_copied(type), Error::wrong_type);
  errors.add_if((from->rights.bits() & 8) == 0, Error::no_rights);
  errors.add_if(from->is_remote, Error::ask_monitor);
  const std::uint64_t wanted = arguments.badge_or_first;
  if (has_badge(type)) {
    errors.add_if(wanted != 0 && from->badge != 0 && wanted != from->badge,
                  Error::invalid_argument);
  } else if (has_range(type)) {
    errors.add_if(wanted >= from->bytes || arguments.count > from->bytes - wanted,
                  Error::invalid_argument);
  } else {
    errors.add_if(wanted != 0 || arguments.count != 0, Error::invalid_argument);
  }
  return errors;
}

Errors Model::of_move(Slot* source, Slot* target) const {
  Errors errors;
  errors.add_if(at(source) == nullptr, Error::no_capability);
  errors.add_if(at(target) != nullptr, Error::slot_in_use);
  return errors;
}

Errors Model::of_retype(Slot* source, const cap::RetypeArguments& arguments,
                        std::span<Slot> targets) const {
  Errors errors;
  const Capability* const from = at(source);
  if (from == nullptr) {
    errors.add_if(true, Error::no_capability);
    return errors;
  }
  const std::size_t count = arguments.count;
  errors.add_if(count == 0 || count > 64 || targets.size() != count, Error::invalid_argument);
  errors.add_if(!from->is_original, Error::no_rights);
  errors.add_if(from->is_remote, Error::ask_monitor);
  for (Slot& target : targets) errors.add_if(at(&target) != nullptr, Error::slot_in_use);
  if (!may_be_made(from->object->type, arguments.type)) {
    errors.add_if(true, Error::wrong_type);
    return errors;
  }
  const std::uint64_t size = size_of(arguments);
  errors.add_if(size == 0, Error::invalid_argument);
  if (size == 0 || count == 0 || count > 64) return errors;
  const std::uint64_t begin = place_in(*from->object, size);
  errors.add_if(begin + size * count > from->base + from->bytes, Error::out_of_memory);
  return errors;
}

Errors Model::of_remove(Slot* place) const {
  Errors errors;
  const Capability* const capability = at(place);
  errors.add_if(capability == nullptr, Error::no_capability);
  if (capability == nullptr || !capability->is_remote) return errors;
  std::size_t same = 0;
  for (Slot* other : capability->object->places) same += same_object(*other, *place) ? 1 : 0;
  errors.add_if(same == 1, Error::ask_monitor);
  return errors;
}

Errors Model::of_revoke(Slot* place) const {
  Errors errors;
  const Capability* const capability = at(place);
  errors.add_if(capability == nullptr, Error::no_capability);
  if (capability == nullptr) return errors;
  errors.add_if(!capability->is_original, Error::no_rights);
  errors.add_if(capability->is_remote, Error::ask_monitor);
  return errors;
}

Errors Model::of_map(Slot* table, std::uint64_t first_entry, Slot* source, Rights rights) const {
  Errors errors;
  const Object& into = *at(table)->object;
  const Capability* const what = at(source);
  const Type type = what != nullptr ? what->object->type : Type::null;
  const bool is_frame = type == Type::frame || type == Type::device_frame;
  const bool takes_frames = into.type == Type::page_table_1 || into.type == Type::page_table_2;
  const bool takes_it =
      is_table(into.type) &&
      (is_frame ? takes_frames
                : is_table(type) && static_cast<int>(type) + 1 == static_cast<int>(into.type));
  errors.add_if(!takes_it, Error::wrong_type);
  if (!takes_it) return errors;
  const std::uint64_t unit = into.type == Type::page_table_1 ? kPageSize : kLargePageSize;
  errors.add_if(is_frame && (what->base % unit != 0 || what->bytes % unit != 0), Error::misaligned);
  const unsigned wanted = rights.bits();
  errors.add_if(is_frame && (wanted & 6) == 6, Error::invalid_argument);
  errors.add_if(is_frame && (~what->rights.bits() & (wanted | 1)) != 0, Error::no_rights);
  errors.add_if(what->table != nullptr, Error::in_use);
  const std::size_t entries = entries_needed(into, *what);
  const std::size_t usable = into.type == Type::page_table_4 ? 255 : 512;
  errors.add_if(first_entry >= usable || first_entry + entries > usable, Error::invalid_argument);
  if (first_entry >= 512) return errors;
  for (std::size_t i = 0; i < entries; ++i) {
    errors.add_if(into.mapped.contains(first_entry + i), Error::already_mapped);
  }
  return errors;
}

Errors Model::of_unmap(Slot* table, std::uint64_t entry) const {
  Errors errors;
  errors.add_if(entry >= 512, Error::invalid_argument);
  errors.add_if(entry < 512 && !at(table)->object->mapped.contains(entry), Error::not_found);
  return errors;
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

std::size_t Model::follow_step(Slot* revoked) {
  struct Gone {
    Slot* place;
    bool may_go;
    std::uint64_t holder;  // that must be dying or gone otherwise
  };
  constexpr std::uint64_t kNobody = ~std::uint64_t{0};
  std::vector<Gone> gone;
  const Object* const root = revoked != nullptr ? at(revoked)->object : nullptr;
  for (const auto& [place, capability] : capabilities_) {
    if (!place->is_empty() || capability.object->is_dying) continue;
    const bool goes_along =
        root != nullptr && place != revoked && descends(capability.object, root);
    const Object* holder = has_badge(capability.object->type) ? capability.object->parent : nullptr;
    if (holder == nullptr || !holder->is_dying) holder = holder_of(place);
    gone.push_back({place, goes_along, holder != nullptr ? holder->base : kNobody});
  }
  if (gone.size() > cap::kRevokeStep) mismatch("%zu capabilities went in one step", gone.size());
  for (const Gone& one : gone) erase(one.place);
  end_what_is_empty();
  for (const Gone& one : gone) {
    if (!one.may_go && (one.holder == kNobody || is_alive(one.holder))) {
      mismatch("the capability in slot %p went without a reason", static_cast<void*>(one.place));
    }
  }
  return gone.size();
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
