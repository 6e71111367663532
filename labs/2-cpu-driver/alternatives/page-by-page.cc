//@ says Zeroes a page in each step; flushes page by page; fills entries from the last to the first.

//@ answer cpu-driver.2a
constexpr std::uint64_t kPageStep = 4096;

// Where the newest object that was made from `source` ends.
std::uint64_t unused_from(const Slot& source) {
  const Slot* const newest = newest_descendant(source);
  return newest == nullptr ? source.base : newest->end();
}
//@ end

//@ answer cpu-driver.2b
  if (source.is_empty()) return Error::no_capability;
  for (const Slot& target : targets) {
    if (target.type != Type::null) return Error::slot_in_use;
  }
  if (source.is_remote) return Error::ask_monitor;
  if (!may_retype(source.type, arguments.type)) return Error::wrong_type;
  if (arguments.count < 1 || arguments.count > kMostObjects) return Error::invalid_argument;
  if (arguments.count != targets.size()) return Error::invalid_argument;
  if (!source.is_original) return Error::no_rights;
  return {};
//@ end

//@ answer cpu-driver.2c
  std::uint64_t begin = unused_from(source);
  if (begin % size != 0) begin += size - begin % size;
  if (begin >= source.end()) return Error::out_of_memory;
  if ((source.end() - begin) / size < count) return Error::out_of_memory;
  return PhysicalRange{PhysicalAddress(begin), PhysicalAddress(begin + count * size)};
//@ end

//@ answer cpu-driver.2d
  const bool goes_on = ram.clean.begin <= place.begin.value() && place.begin.value() <= ram.clean.end;
  if (!goes_on) ram.clean = {place.begin.value(), place.begin.value()};
  if (ram.clean.end >= place.end.value()) return true;
  const std::uint64_t bytes = std::min(kPageStep, place.end.value() - ram.clean.end);
  zero(PhysicalAddress(ram.clean.end), bytes);
  ram.clean.end += bytes;
  return ram.clean.end >= place.end.value();
//@ end

//@ answer cpu-driver.2e
  static_cast<void>(ram);
  child.clean = {child.base, child.base};
//@ end

//@ answer cpu-driver.2f
  const std::uint64_t end = place.end.value();
  if (ram.clean.end <= end) {
    ram.clean = {end, end};
  } else if (ram.clean.begin < end) {
    ram.clean.begin = end;
  }
//@ end

//@ answer cpu-driver.4a
bool is_frame(const Slot& slot) {
  return slot.type == Type::frame || slot.type == Type::device_frame;
}

// 0: it cannot be mapped there.
std::size_t count_entries(unsigned level, const Slot& source) {
  if (table_level(source.type) != 0) return table_level(source.type) + 1 == level ? 1 : 0;
  return is_frame(source) && level <= 2 ? source.bytes / entry_size(level) : 0;
}

std::uint64_t entry_for(const Slot& source, unsigned level, Rights rights, std::size_t number) {
  PageEntry entry = PageEntry()
                        .with<bits::present>()
                        .with<bits::user>()
                        .with<bits::frame>(source.base / kPageSize + number * (entry_size(level) / kPageSize));
  if (!is_frame(source)) return entry.with<bits::writable>().raw();
  if (rights.has(kWrite)) entry = entry.with<bits::writable>();
  if (!rights.has(kExecute)) entry = entry.with<bits::no_execute>();
  if (source.type == Type::device_frame) entry = entry.with<bits::cache_disable>();
  if (level == 2) entry = entry.with<bits::large>();
  return entry.raw();
}

// Has the processor forget each page of a mapping, if a root is above it.
void forget_pages(const Slot& mapped) {
  const std::uint64_t size = entry_size(level_above(mapped));
  const std::size_t entries = entries_of(mapped);
  std::uint64_t address = 0;
  const Slot* slot = &mapped;
  while (slot != nullptr && slot->is_mapped) {
    address += slot->first_entry * entry_size(level_above(*slot));
    if (slot->mapping.table_slot == nullptr) {
      const PhysicalAddress root(slot->mapping.table);
      for (std::size_t i = 0; i < entries; ++i) {
        forget_translations(root, VirtualAddress(address + i * size), size);
      }
    }
    slot = slot->mapping.table_slot;
  }
}
//@ end

//@ answer cpu-driver.4b
  const unsigned level = table_level(table.type);
  if (source.is_mapped) return Error::in_use;
  if (level == 0 || (!is_frame(source) && table_level(source.type) == 0)) return Error::wrong_type;
  if (is_frame(source)) {
    if (level > 2) return Error::wrong_type;
    if (rights.has(kWrite) && rights.has(kExecute)) return Error::invalid_argument;
    if (!source.rights.has(kRead) || !source.rights.has(rights)) return Error::no_rights;
    if (source.base % entry_size(level) != 0 || source.bytes % entry_size(level) != 0) {
      return Error::misaligned;
    }
  }
  const std::size_t entries = count_entries(level, source);
  if (entries == 0) return Error::wrong_type;
  const std::size_t end = level == x86::kRootLevel ? kUserRootEntries : x86::kEntriesPerTable;
  if (first_entry >= end || end - first_entry < entries) return Error::invalid_argument;
  TableObject& object = table_at(table.base);
  for (std::size_t i = first_entry + entries; i-- > first_entry;) {
    if (object.mapped[i] != nullptr) return Error::already_mapped;
  }
  for (std::size_t i = entries; i-- > 0;) {
    object.entries[first_entry + i] = entry_for(source, level, rights, i);
    object.mapped[first_entry + i] = &source;
  }
  source.first_entry = static_cast<std::uint16_t>(first_entry);
  source.mapping.table = table.base;
  source.mapping.table_slot = level == x86::kRootLevel ? nullptr : &table;
  source.is_mapped = true;
  return {};
//@ end

//@ answer cpu-driver.4c
  if (mapped.is_mapped) {
    TableObject& object = table_at(mapped.mapping.table);
    std::size_t left = entries_of(mapped);
    for (std::size_t i = mapped.first_entry; left > 0; ++i, --left) {
      object.mapped[i] = nullptr;
      object.entries[i] = 0;
    }
    forget_pages(mapped);
    mapped.is_mapped = false;
    mapped.first_entry = 0;
    mapped.mapping = {0, nullptr};
  }
//@ end

//@ answer cpu-driver.4d
  const TableObject& object = table_at(table.base);
  for (std::size_t i = 0; i < object.mapped.size(); ++i) {
    Slot* const mapped = object.mapped[i];
    if (mapped == nullptr || !mapped->is_mapped) continue;
    mapped->mapping = {0, nullptr};
    mapped->first_entry = 0;
    mapped->is_mapped = false;
  }
  if (table.type == Type::page_table_4) leave_address_space(PhysicalAddress(table.base));
//@ end
