//@ says Revokes the nearest copy and nothing else, and starts no core.

//@ answer cpu-driver.3e
  if (slot.is_empty()) return Error::no_capability;
  discard(*slot.previous);
  return {};
//@ end

//@ answer cpu-driver.9b
  static_cast<void>(apic_id);
  return Error::invalid_argument;
//@ end
