// copy.cc — more capabilities to the same object, never with more rights than there were.

#include "cap/operations.hh"
#include "cap/types.hh"

namespace sprat::cap {

namespace {

Result<void> may_copy(const Slot& source, const Slot& target) {
  if (source.is_empty()) return Error::no_capability;
  if (!target.is_empty()) return Error::slot_in_use;
  if (!rules(source.type).may_be_copied) return Error::wrong_type;
  if (!source.rights.has(kGrant)) return Error::no_rights;
  if (source.is_remote) return Error::ask_monitor;
  return {};
}

// An endpoint's or notification's badge is given once.
Result<void> set_badge(Slot& target, std::uint64_t badge) {
  if (badge == 0 || badge == target.badge) return {};
  if (target.badge != 0) return Error::invalid_argument;
  target.badge = badge;
  return {};
}

// Of the lines or ports of `target`, `count` from number `first` on stay; 0 means all that follow.
Result<void> narrow(Slot& target, std::uint64_t first, std::uint64_t count) {
  if (first >= target.bytes || count > target.bytes - first) return Error::invalid_argument;
  target.base += first;
  target.bytes = count != 0 ? count : target.bytes - first;
  return {};
}

Result<void> specialise(Slot& target, const MintArguments& arguments) {
  switch (target.type) {
    case Type::endpoint:
    case Type::notification: return set_badge(target, arguments.badge_or_first);
    case Type::irq:
    case Type::io_ports: return narrow(target, arguments.badge_or_first, arguments.count);
    case Type::null:
    case Type::physical_memory:
    case Type::ram:
    case Type::frame:
    case Type::device_frame:
    case Type::cnode:
    case Type::page_table_1:
    case Type::page_table_2:
    case Type::page_table_3:
    case Type::page_table_4:
    case Type::dispatcher:
    case Type::kernel: break;
  }
  if (arguments.badge_or_first != 0 || arguments.count != 0) return Error::invalid_argument;
  return {};
}

}  // namespace

Result<void> copy(Slot& source, Slot& target) { return mint(source, target, {}); }

Result<void> mint(Slot& source, Slot& target, const MintArguments& arguments) {
  if (const auto allowed = may_copy(source, target); !allowed) return allowed;
  Slot minted;
  minted.base = source.base;
  minted.bytes = source.bytes;
  minted.type = source.type;
  minted.rights = source.rights & arguments.keep;
  if (source.type == Type::endpoint || source.type == Type::notification) {
    minted.badge = source.badge;
  }
  if (const auto done = specialise(minted, arguments); !done) return done;
  target = minted;
  insert_before(source, target);
  return {};
}

Result<void> move(Slot& source, Slot& target) {
  if (source.is_empty()) return Error::no_capability;
  if (!target.is_empty()) return Error::slot_in_use;
  take_place(target, source);
  follow_move(target);
  return {};
}

}  // namespace sprat::cap
