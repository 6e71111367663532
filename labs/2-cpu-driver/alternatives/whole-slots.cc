//@ says Copies whole slots and cleans them up; takes descendants before copies; empties CNodes from their last slot to their first.

//@ answer cpu-driver.1a
  if (root.type != Type::cnode) return Error::no_capability;
  const std::size_t node_number = address.raw() >> 8 & 0xff;
  const std::size_t slot_number = address.raw() & 0xff;
  auto* const nodes = memory::window<Slot>(PhysicalAddress(root.base));
  switch (address.raw() >> 16) {
    case 0: break;
    case 1:
      if (slot_number != 0 || node_number == 0) return Error::no_capability;
      return nodes + node_number;
    default: return Error::no_capability;
  }
  const Slot& node = nodes[node_number];
  if (slot_number == 0) return Error::no_capability;
  if (node.type != Type::cnode) return Error::no_capability;
  return memory::window<Slot>(PhysicalAddress(node.base)) + slot_number;
//@ end

//@ answer cpu-driver.1b
  const auto found = find_slot(root, address);
  if (found.ok()) {
    if (found.value()->is_empty()) return Error::no_capability;
    if (found.value()->type != type) return Error::wrong_type;
    if ((found.value()->rights & rights) != rights) return Error::no_rights;
  }
  return found;
//@ end

//@ answer cpu-driver.1c
bool has_badge(Type type) { return type == Type::endpoint || type == Type::notification; }

// Narrows `slot`, a copy, as the arguments ask.
bool fit(Slot& slot, std::uint64_t first, std::uint64_t count) {
  if (has_badge(slot.type)) {
    const bool agrees = first == 0 || slot.badge == 0 || slot.badge == first;
    if (first != 0) slot.badge = first;
    return agrees;
  }
  if (slot.type != Type::irq && slot.type != Type::io_ports) return first == 0 && count == 0;
  if (first >= slot.bytes) return false;
  const std::uint64_t rest = slot.bytes - first;
  if (count == 0) count = rest;
  if (count > rest) return false;
  slot.base += first;
  slot.bytes = count;
  return true;
}
//@ end

//@ answer cpu-driver.1d
  if (!target.is_empty()) return Error::slot_in_use;
  if (source.is_empty()) return Error::no_capability;
  if (source.is_remote) return Error::ask_monitor;
  if (!source.rights.has(kGrant)) return Error::no_rights;
  if (!rules(source.type).may_be_copied) return Error::wrong_type;
  Slot copied = source;
  copied.rights = copied.rights & arguments.keep;
  copied.is_original = false;
  copied.is_mapped = false;
  copied.is_part = false;
  copied.first_entry = 0;
  if (!has_badge(copied.type)) copied.words[0] = copied.words[1] = 0;
  if (!fit(copied, arguments.badge_or_first, arguments.count)) return Error::invalid_argument;
  target = copied;
  insert_before(source, target);
  return {};
//@ end

//@ answer cpu-driver.3a
bool is_another_name_of(const Slot* slot, const Slot& of) {
  if (slot == nullptr || slot->type != of.type) return false;
  if (slot->base != of.base || slot->bytes != of.bytes) return false;
  return !slot->is_original || !of.is_original;
}
//@ end

//@ answer cpu-driver.3b
  for (const Slot* neighbour : {slot.next, slot.previous}) {
    if (is_another_name_of(neighbour, slot)) return false;
  }
  return true;
//@ end

//@ answer cpu-driver.3c
// The rest of a CNode: from its last slot down.
Slot* last_held(Slot& own) {
  for (; own.emptied < kSlotsPerCNode - 1; ++own.emptied) {
    Slot& slot = slots_in(own)[kSlotsPerCNode - 1 - own.emptied];
    if (!slot.is_empty()) return &slot;
  }
  return nullptr;
}

// The rest of a dispatcher: first the objects made from it.
Slot* last_made(Slot& own) {
  if (Slot* const slot = newest_descendant(own); slot != nullptr) return slot;
  Slot* part = dispatcher_parts(own);
  for (std::size_t i = 0; i < kDispatcherParts; ++i, ++part) {
    if (!part->is_empty()) return part;
  }
  return nullptr;
}
//@ end

//@ answer cpu-driver.3d
  for (;;) {
    if (cost >= kRevokeStep) return;
    Slot* const left = own.type == Type::cnode ? last_held(own) : last_made(own);
    if (left == nullptr) break;
    cost += discard(*left);
  }
  dying.remove(own);
  take_out(own);
  cost = kRevokeStep;
//@ end

//@ answer cpu-driver.3e
  if (slot.is_empty()) return Error::no_capability;
  if (slot.is_remote) return Error::ask_monitor;
  if (!slot.is_original) return Error::no_rights;
  Cost cost = 0;
  while (cost < kRevokeStep && !slot.is_empty()) {
    Slot* goes = newest_descendant(slot);
    if (goes == nullptr) goes = nearest_copy(slot);
    if (goes == nullptr) return {};
    if (goes->is_remote) return Error::ask_monitor;
    if (goes->is_dying) {
      take_apart(*goes, cost);
    } else {
      cost += discard(*goes);
    }
  }
  if (slot.is_empty()) return Error::no_capability;
  return Error::again;
//@ end
