// capability_model.cc — see capability_model.hh.

#include "capability_model.hh"

#include <algorithm>
#include <bit>

#include "lab/trial.hh"

namespace lab {

using sprat::object_bits;
using sprat::table_level;
using sprat::grading::hex;

namespace {

constexpr std::uint64_t kSlotsOfCNode = kCNodeBytes / kSlotBytes;
constexpr std::uint64_t kEntries = 512;
constexpr std::uint64_t kUsersRootEntries = 255;
constexpr std::uint64_t kMostObjectsAtOnce = 32;

bool is_within(const Capability& outer, const Capability& inner) {
  return inner.base >= outer.base && inner.end() <= outer.end();
}

std::uint64_t page_bytes(unsigned level) { return kPageBytes << (9 * (level - 1)); }

}  // namespace

std::string text_of(const Capability& capability) {
  std::string text = std::string(name_of(capability.type)) + " [" + hex(capability.base) + ", " +
                     hex(capability.end()) + ") ";
  for (unsigned bit = 0; bit < 4; ++bit) {
    text += capability.rights.has(Rights(1u << bit)) ? "rwxg"[bit] : '-';
  }
  if (!capability.is_original) text += ", a copy";
  if (capability.is_remote) text += ", remote";
  if (capability.is_part) text += ", part of a dispatcher";
  if (capability.badge != 0) text += ", badge " + hex(capability.badge);
  if (capability.is_mapped()) {
    text += ", mapped in table " + hex(capability.table) + " from entry " +
            std::to_string(capability.first_entry);
  }
  return text + ", in slot " + hex(capability.slot);
}

std::string text_of(const Faults& faults) {
  if (faults.empty()) return "ok";
  std::string text = "error";
  for (const Error fault : faults) {
    text += (text == "error" ? " " : " or ") + std::string(name_of(fault));
  }
  return text;
}

bool may_be_copied(Type type) {
  switch (type) {
    case Type::frame:
    case Type::device_frame:
    case Type::cnode:
    case Type::page_table_4:
    case Type::dispatcher:
    case Type::endpoint:
    case Type::notification:
    case Type::irq:
    case Type::io_ports:
    case Type::kernel: return true;
    default: return false;
  }
}

bool may_descend(Type ancestor, Type type) {
  for (std::size_t number = 0; number < sprat::kTypes; ++number) {
    const Type parent = static_cast<Type>(number);
    if (!may_retype(parent, type)) continue;
    if (parent == ancestor || (parent != type && may_descend(ancestor, parent))) return true;
  }
  return false;
}

const Capability* CapabilityModel::find(std::uint64_t slot) const {
  const auto found = held_.find(slot);
  return found == held_.end() ? nullptr : &found->second;
}

void CapabilityModel::put(Capability capability) {
  if (capability.age == 0) capability.age = ++age_;
  if (table_level(capability.type) != 0) levels_[capability.base] = table_level(capability.type);
  held_[capability.slot] = capability;
}

bool CapabilityModel::same_object(const Capability& a, const Capability& b) {
  return a.type == b.type && a.base == b.base && a.bytes == b.bytes;
}

bool CapabilityModel::is_descendant(const Capability& ancestor, const Capability& other) {
  if (other.slot == ancestor.slot || !is_within(ancestor, other)) return false;
  if (other.type == ancestor.type && !other.is_original) return true;
  return may_descend(ancestor.type, other.type) && other.age > ancestor.age;
}

std::vector<std::uint64_t> CapabilityModel::descendants(std::uint64_t slot) const {
  std::vector<std::uint64_t> slots;
  for (const auto& [other, capability] : held_) {
    if (is_descendant(held_.at(slot), capability)) slots.push_back(other);
  }
  return slots;
}

// ---- copy and mint

Faults CapabilityModel::mint(std::uint64_t source, std::uint64_t target, Rights keep,
                             std::uint64_t badge_or_first, std::uint64_t count) {
  Faults faults;
  if (find(target) != nullptr) faults.insert(Error::slot_in_use);
  const Capability* const from = find(source);
  if (from == nullptr) {
    faults.insert(Error::no_capability);
    return faults;
  }
  if (!may_be_copied(from->type)) faults.insert(Error::wrong_type);
  if (!from->rights.has(sprat::kGrant)) faults.insert(Error::no_rights);
  if (from->is_remote) faults.insert(Error::ask_monitor);

  Capability made = *from;
  made.slot = target;
  made.rights = from->rights & keep;
  made.is_original = made.is_part = false;
  made.table = made.first_entry = 0;
  if (from->type == Type::endpoint || from->type == Type::notification) {
    if (badge_or_first != 0 && from->badge != 0 && badge_or_first != from->badge)
      faults.insert(Error::invalid_argument);
    if (from->badge == 0) made.badge = badge_or_first;
  } else if (from->type == Type::irq || from->type == Type::io_ports) {
    if (badge_or_first >= from->bytes || count > from->bytes - badge_or_first)
      faults.insert(Error::invalid_argument);
    made.base += badge_or_first;
    made.bytes = count != 0 ? count : from->bytes - badge_or_first;
  } else if (badge_or_first != 0 || count != 0) {
    faults.insert(Error::invalid_argument);
  }
  if (faults.empty()) put(made);
  return faults;
}

// ---- retype

std::uint64_t CapabilityModel::next_place(const Capability& source, std::uint64_t size) const {
  std::uint64_t used = source.base;
  for (const std::uint64_t slot : descendants(source.slot)) {
    const Capability& other = held_.at(slot);
    if (may_descend(source.type, other.type)) used = std::max(used, other.end());
  }
  return (used + size - 1) / size * size;
}

Faults CapabilityModel::retype(std::uint64_t source, Type type, unsigned size_bits,
                               std::uint64_t count, std::uint64_t target, std::uint64_t targets) {
  Faults faults;
  for (std::uint64_t i = 0; i < targets; ++i) {
    if (find(target + i * kSlotBytes) != nullptr) faults.insert(Error::slot_in_use);
  }
  const Capability* const from = find(source);
  if (from == nullptr) {
    faults.insert(Error::no_capability);
    return faults;
  }
  if (!may_retype(from->type, type)) {
    faults.insert(Error::wrong_type);
    return faults;
  }
  if (!from->is_original) faults.insert(Error::no_rights);
  if (from->is_remote) faults.insert(Error::ask_monitor);
  if (count == 0 || count > kMostObjectsAtOnce || targets != count)
    faults.insert(Error::invalid_argument);
  const bool is_asked = type == Type::ram || type == Type::frame || type == Type::device_frame ||
                        type == Type::physical_memory;
  const unsigned bits = is_asked ? size_bits : object_bits(type);
  if (is_asked ? size_bits < 12 || size_bits > 52 : size_bits != 0 && size_bits != bits) {
    faults.insert(Error::invalid_argument);
    return faults;
  }
  const std::uint64_t size = std::uint64_t{1} << bits;
  const std::uint64_t place = next_place(*from, size);
  if (place > from->end() || (from->end() - place) / size < count)
    faults.insert(Error::out_of_memory);
  if (!faults.empty()) return faults;
  const Rights rights = from->rights;
  for (std::uint64_t i = 0; i < count; ++i) {
    put({.slot = target + i * kSlotBytes,
         .type = type,
         .rights = rights,
         .base = place + i * size,
         .bytes = size});
  }
  return faults;
}

// ---- remove and revoke

bool CapabilityModel::is_last(const Capability& capability) const {
  return std::ranges::none_of(held_, [&](const auto& other) {
    return other.first != capability.slot && same_object(capability, other.second) &&
           !(capability.is_original && other.second.is_original);
  });
}

// The capability goes, and with it what its object held if it was the last to that.
void CapabilityModel::erase(std::uint64_t slot) {
  if (find(slot) == nullptr) return;
  const Capability gone = held_.at(slot);
  const bool was_last = is_last(gone);
  held_.erase(slot);
  if (!was_last) return;
  if (table_level(gone.type) != 0) {
    for (auto& [other, capability] : held_) {
      if (capability.table == gone.base) capability.table = capability.first_entry = 0;
    }
  }
  std::vector<std::uint64_t> held;
  for (const auto& [other, capability] : held_) {
    const bool is_inside = other >= gone.base && other < gone.end();
    const bool is_endpoint = gone.type == Type::dispatcher && is_descendant(gone, capability);
    if (((gone.type == Type::cnode || gone.type == Type::dispatcher) && is_inside) || is_endpoint)
      held.push_back(other);
  }
  for (const std::uint64_t other : held) erase(other);
}

Faults CapabilityModel::remove(std::uint64_t slot) {
  const Capability* const gone = find(slot);
  if (gone == nullptr) return {Error::no_capability};
  if (gone->is_remote && is_last(*gone)) return {Error::ask_monitor};
  erase(slot);
  return {};
}

Faults CapabilityModel::revoke(std::uint64_t slot) {
  const Capability* const root = find(slot);
  if (root == nullptr) return {Error::no_capability};
  Faults faults;
  if (!root->is_original) faults.insert(Error::no_rights);
  const std::vector<std::uint64_t> victims = descendants(slot);
  const bool knows_remote =
      std::ranges::any_of(victims, [&](auto victim) { return held_.at(victim).is_remote; });
  if (root->is_remote || knows_remote) faults.insert(Error::ask_monitor);
  if (!faults.empty()) return faults;
  for (const std::uint64_t victim : victims) erase(victim);
  if (find(slot) == nullptr) return {Error::no_capability};
  return {};
}

// ---- mapping

unsigned CapabilityModel::level_of(std::uint64_t table) const { return levels_.at(table); }

std::uint64_t CapabilityModel::entries_of(const Capability& mapped) const {
  return table_level(mapped.type) != 0 ? 1 : mapped.bytes / page_bytes(level_of(mapped.table));
}

const Capability* CapabilityModel::mapped_at(std::uint64_t table, std::uint64_t entry) const {
  for (const auto& [slot, capability] : held_) {
    if (capability.table == table && entry >= capability.first_entry &&
        entry < capability.first_entry + entries_of(capability))
      return &capability;
  }
  return nullptr;
}

Faults CapabilityModel::map(std::uint64_t table, std::uint64_t first_entry, std::uint64_t source,
                            Rights rights) {
  const Capability& into = held_.at(table);
  Capability& what = held_.at(source);
  const unsigned level = table_level(into.type);
  const bool is_table = table_level(what.type) != 0;
  const bool is_frame = what.type == Type::frame || what.type == Type::device_frame;
  Faults faults;
  if (what.is_mapped()) faults.insert(Error::in_use);
  if (is_frame && rights.has(sprat::kWrite | sprat::kExecute))
    faults.insert(Error::invalid_argument);
  if (is_frame && !what.rights.has(rights | sprat::kRead)) faults.insert(Error::no_rights);
  const bool fits =
      is_table ? table_level(what.type) + 1 == level : is_frame && (level == 1 || level == 2);
  if (!fits) {
    faults.insert(Error::wrong_type);
    return faults;
  }
  std::uint64_t entries = 1;
  if (is_frame) {
    const std::uint64_t page = page_bytes(level);
    if (what.base % page != 0 || what.bytes % page != 0) {
      faults.insert(Error::misaligned);
      return faults;
    }
    entries = what.bytes / page;
  }
  const std::uint64_t usable = level == 4 ? kUsersRootEntries : kEntries;
  if (first_entry >= usable || entries > usable - first_entry) {
    faults.insert(Error::invalid_argument);
    return faults;
  }
  for (std::uint64_t i = 0; i < entries; ++i) {
    if (mapped_at(into.base, first_entry + i) != nullptr) faults.insert(Error::already_mapped);
  }
  if (faults.empty()) {
    what.table = into.base;
    what.first_entry = first_entry;
  }
  return faults;
}

void CapabilityModel::unmap(std::uint64_t slot) {
  Capability& mapped = held_.at(slot);
  mapped.table = mapped.first_entry = 0;
}

}  // namespace lab
