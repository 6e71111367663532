// model_foretell.cc — which errors an operation may answer with, and when it must succeed.

#include "tests/cap/model.hh"
#include "tests/cap/rules.hh"

namespace sprat::test {

using cap::Slot;

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

Errors Model::of_share(Slot* source, Slot* target) const {
  Errors errors;
  errors.add_if(at(target) != nullptr, Error::slot_in_use);
  const Capability* const from = at(source);
  errors.add_if(from == nullptr, Error::no_capability);
  if (from == nullptr) return errors;
  if (from->object->type == Type::ram) {
    errors.add_if(!from->object->children.empty(), Error::in_use);
    return errors;
  }
  errors.add_if(from->object->type != Type::frame, Error::wrong_type);
  errors.add_if((from->rights.bits() & 8) == 0, Error::no_rights);
  return errors;
}

// Only a frame that the kernel did not make of its own RAM is foreign.
Errors Model::of_sweep(Slot* anchor) const {
  Errors errors;
  const Capability* const capability = at(anchor);
  errors.add_if(capability == nullptr, Error::no_capability);
  if (capability == nullptr) return errors;
  const Object& object = *capability->object;
  const bool is_anchor =
      object.type == Type::frame && object.parent == nullptr && capability->is_original;
  errors.add_if(!is_anchor, Error::invalid_argument);
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
  errors.add_if(count == 0 || count > cap::kMostObjects || targets.size() != count,
                Error::invalid_argument);
  errors.add_if(!from->is_original, Error::no_rights);
  errors.add_if(from->is_remote, Error::ask_monitor);
  for (Slot& target : targets) errors.add_if(at(&target) != nullptr, Error::slot_in_use);
  if (!may_be_made(from->object->type, arguments.type)) {
    errors.add_if(true, Error::wrong_type);
    return errors;
  }
  const std::uint64_t size = size_of(arguments);
  errors.add_if(size == 0, Error::invalid_argument);
  if (size == 0 || count == 0 || count > cap::kMostObjects) return errors;
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

}  // namespace sprat::test
