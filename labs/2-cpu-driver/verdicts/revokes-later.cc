//@ says Says at the first step of a revocation that there is more to do, and does all of it in the second.

//@ answer cpu-driver.3e
  if (slot.is_empty()) return Error::no_capability;
  if (!slot.is_original) return Error::no_rights;
  if (slot.is_remote) return Error::ask_monitor;
  static Slot* begun = nullptr;
  if (begun != &slot && nearest_copy(slot) != nullptr) {
    begun = &slot;
    return Error::again;
  }
  begun = nullptr;
  for (Cost cost = 0; cost < kRevokeStep;) {
    Slot* victim = nearest_copy(slot);
    if (victim == nullptr) victim = newest_descendant(slot);
    if (victim == nullptr) return {};
    if (victim->is_dying) {
      take_apart(*victim, cost);
    } else {
      if (victim->is_remote) return Error::ask_monitor;
      cost += discard(*victim);
    }
    if (slot.is_empty()) return Error::no_capability;
  }
  return Error::again;
//@ end
