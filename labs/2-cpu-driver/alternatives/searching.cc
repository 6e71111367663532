//@ says Looks through all descendants for the end of the used part, keeps no record of clean memory, and revokes
//descendants before copies.

//@ answer cpu-driver.2c
  std::uint64_t used = source.base;
  for (const Slot* slot = source.next; slot != nullptr && is_descendant(source, *slot);
       slot = slot->next) {
    if (slot->type != source.type || slot->is_original) used = std::max(used, slot->end());
  }
  const std::uint64_t begin = round_up(used, size);
  if (begin > source.end() || source.end() - begin < size * count) return Error::out_of_memory;
  return PhysicalRange{PhysicalAddress(begin), PhysicalAddress(begin + size * count)};
//@ end

//@ answer cpu-driver.2d
  // Small memory is zeroed at once and never remembered.
  if (place.size() <= kZeroStep) {
    zero(place.begin, place.size());
    return true;
  }
  if (ram.clean.begin != place.begin.value()) {
    ram.clean = {place.begin.value(), place.begin.value()};
  }
  if (ram.clean.end < place.end.value()) {
    const std::uint64_t bytes = std::min(place.end.value() - ram.clean.end, kZeroStep);
    zero(PhysicalAddress(ram.clean.end), bytes);
    ram.clean.end += bytes;
  }
  return ram.clean.end >= place.end.value();
//@ end

//@ answer cpu-driver.2e
  static_cast<void>(ram);
  static_cast<void>(child);
//@ end

//@ answer cpu-driver.2f
  static_cast<void>(place);
  ram.clean = {0, 0};
//@ end

//@ answer cpu-driver.3e
  if (slot.is_remote) return Error::ask_monitor;
  if (slot.is_empty()) return Error::no_capability;
  if (!slot.is_original) return Error::no_rights;
  Cost cost = 0;
  while (cost < kRevokeStep) {
    // All of them stand together around the capability: copies before it, descendants behind.
    Slot* victim = slot.next;
    if (victim == nullptr || !is_descendant(slot, *victim)) victim = nearest_copy(slot);
    if (victim == nullptr) return {};
    if (victim->is_remote) return Error::ask_monitor;
    if (victim->is_dying) {
      take_apart(*victim, cost);
    } else {
      cost += discard(*victim);
    }
    if (slot.is_empty()) return Error::no_capability;
  }
  return Error::again;
//@ end
