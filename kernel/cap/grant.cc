// grant.cc — the capabilities that all others come from.

#include "cap/operations.hh"

namespace sprat::cap {

void grant(Slot& slot, Type type, std::uint64_t base, std::uint64_t bytes, Rights rights) {
  slot.type = type;
  slot.base = base;
  slot.bytes = bytes;
  slot.rights = rights;
  slot.is_original = true;
  insert_behind(nullptr, slot);
}

void grant_foreign_frame(Slot& slot, std::uint64_t base, std::uint64_t bytes) {
  grant(slot, Type::frame, base, bytes);
  slot.is_foreign = true;
}

}  // namespace sprat::cap
