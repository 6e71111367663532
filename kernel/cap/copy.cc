// copy.cc — more capabilities to the same object, never with more rights than there were.

#include "cap/operations.hh"

namespace sprat::cap {

namespace {

//@ lab cpu-driver.1c: // Helpers of your own go here.
Result<void> may_copy(const Slot& source, const Slot& target) {
  if (source.is_empty()) return Error::no_capability;
  if (!target.is_empty()) return Error::slot_in_use;
  if (!rules(source.type).may_be_copied) return Error::wrong_type;
  if (!source.rights.has(kGrant)) return Error::no_rights;
  if (source.is_remote) return Error::ask_monitor;
  return {};
}

// The parts in which two capabilities to one object may differ, besides their rights.
struct Share {
  std::uint64_t base, bytes, badge;
};

// A badge is given once; 0 asks for none.
Result<Share> with_badge(const Slot& source, std::uint64_t badge) {
  if (badge == 0) badge = source.badge;
  if (source.badge != 0 && source.badge != badge) return Error::invalid_argument;
  return Share{source.base, source.bytes, badge};
}

// `count` of the lines or ports of `source`, from number `first` on; 0 means all that follow.
Result<Share> some_of(const Slot& source, std::uint64_t first, std::uint64_t count) {
  if (first >= source.bytes || count > source.bytes - first) return Error::invalid_argument;
  return Share{source.base + first, count != 0 ? count : source.bytes - first, 0};
}

Result<Share> share_of(const Slot& source, const MintArguments& arguments) {
  const Type type = source.type;
  if (type == Type::endpoint || type == Type::notification)
    return with_badge(source, arguments.badge_or_first);
  if (type == Type::irq || type == Type::io_ports)
    return some_of(source, arguments.badge_or_first, arguments.count);
  if (arguments.badge_or_first != 0 || arguments.count != 0) return Error::invalid_argument;
  return Share{source.base, source.bytes, 0};
}
//@ end

}  // namespace

Result<void> copy(Slot& source, Slot& target) { return mint(source, target, {}); }

Result<void> mint(Slot& source, Slot& target, const MintArguments& arguments) {
  //@ lab cpu-driver.1d: return Error::not_implemented;
  TRY(may_copy(source, target));
  const auto share = TRY(share_of(source, arguments));
  target.base = share.base;
  target.bytes = share.bytes;
  target.badge = share.badge;
  target.type = source.type;
  target.rights = source.rights & arguments.keep;
  insert_before(source, target);
  return {};
  //@ end
}

Result<void> send(Slot& source, Slot& target) {
  if (!source.is_empty() && !rules(source.type).may_be_sent) return Error::wrong_type;
  return copy(source, target);
}

//@ since monitor
Result<void> share(Slot& source, Slot& target, Rights keep) {
  if (source.type == Type::ram)
    return newest_descendant(source) == nullptr ? move(source, target) : Error::in_use;
  if (!source.is_empty() && source.type != Type::frame) return Error::wrong_type;
  const bool is_remote = std::exchange(source.is_remote, false);
  const auto copied = mint(source, target, {.keep = keep});
  source.is_remote = is_remote;
  if (copied) target.is_remote = is_remote;
  return copied;
}

//@ end
Result<void> move(Slot& source, Slot& target) {
  if (source.is_empty()) return Error::no_capability;
  if (!target.is_empty()) return Error::slot_in_use;
  take_place(target, source);
  follow_move(target);
  return {};
}

}  // namespace sprat::cap
