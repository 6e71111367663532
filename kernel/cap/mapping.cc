// mapping.cc — map and unmap: each mapping is recorded in the table and in the mapped capability.
//
// A page table is an object of 8 KiB: the entries that the processor reads, and beside each entry a pointer back to the
// capability that is mapped there. The capability in turn knows its table and its first entry:
//
//      page_table_1 t        entries          mapped            slots of some CNodes
//                       ...
//                        5   [x + 0K, R]      ────────────┬───► Frame x: is_mapped, table t, first entry 5
//                        6   [x + 4K, R]      ────────────┘
//                        7   [y, RW]          ────────────────► Frame y: is_mapped, table t, first entry 7
//
// So whichever goes first, the other learns about it: a frame that is deleted leaves no entry behind, a table that is
// deleted leaves no capability that believes to be mapped. A capability is mapped once at most; page tables of levels 1 to 3
// are never copied, so that they form a tree, and one finds the address of a mapping by going upwards from it.

#include "cap/operations.hh"
#include "x86/page_table.hh"

namespace sprat::cap {

namespace {

using x86::entry_size;
using x86::PageEntry;
namespace bits = x86::page_entry;

// The level of the table that `mapped` (is_mapped) is in.
unsigned level_above(const Slot& mapped) {
  const Slot* const table = mapped.mapping.table_slot;
  return table != nullptr ? table_level(table->type) : x86::kRootLevel;
}

//@ lab cpu-driver.4a: // Helpers of your own go here.
// How many entries of a table at `level` the object of `source` takes.
Result<std::size_t> entries_needed(unsigned level, const Slot& source) {
  if (level > 1 && table_level(source.type) == level - 1) return 1;
  if (source.type != Type::frame && source.type != Type::device_frame) return Error::wrong_type;
  if (level == 0 || level > 2) return Error::wrong_type;
  if (((source.base | source.bytes) & (entry_size(level) - 1)) != 0) return Error::misaligned;
  return source.bytes / entry_size(level);
}

Result<void> may_map_with(const Slot& source, Rights rights) {
  if (table_level(source.type) != 0) return {};
  if (rights.has(kWrite | kExecute)) return Error::invalid_argument;
  if (!source.rights.has(rights | kRead)) return Error::no_rights;
  return {};
}

// The first entry for `source` in a table at `level`.
PageEntry first_entry_for(const Slot& source, unsigned level, Rights rights) {
  const auto entry = PageEntry().with<bits::present>().with<bits::user>().with<bits::frame>(
      source.base / kPageSize);
  if (table_level(source.type) != 0) return entry.with<bits::writable>();
  return entry.with<bits::writable>(rights.has(kWrite))
      .with<bits::no_execute>(!rights.has(kExecute))
      .with<bits::cache_disable>(source.type == Type::device_frame)
      .with<bits::large>(level > 1);
}

struct Place {
  PhysicalAddress root;
  VirtualAddress address;
};

// Where in which address space `mapped` (is_mapped) is seen; not_found while a table above it is not mapped.
Result<Place> place_of(const Slot& mapped) {
  std::uint64_t address = 0;
  for (const Slot* slot = &mapped; slot->is_mapped; slot = slot->mapping.table_slot) {
    address += slot->first_entry * entry_size(level_above(*slot));
    if (slot->mapping.table_slot == nullptr) {
      return Place{PhysicalAddress(slot->mapping.table), VirtualAddress(address)};
    }
  }
  return Error::not_found;
}
//@ end

}  // namespace

std::size_t entries_of(const Slot& mapped) {
  return table_level(mapped.type) != 0 ? 1 : mapped.bytes / entry_size(level_above(mapped));
}

Result<void> map(Slot& table, std::uint64_t first_entry, Slot& source, Rights rights) {
  //@ lab cpu-driver.4b: return Error::not_implemented;
  const unsigned level = table_level(table.type);
  const std::size_t entries = TRY(entries_needed(level, source));
  const std::size_t usable = level == x86::kRootLevel ? kUserRootEntries : x86::kEntriesPerTable;
  if (first_entry >= usable || entries > usable - first_entry) return Error::invalid_argument;
  TRY(may_map_with(source, rights));
  if (source.is_mapped) return Error::in_use;

  TableObject& object = table_at(table.base);
  for (std::size_t i = 0; i < entries; ++i) {
    if (object.mapped[first_entry + i] != nullptr) return Error::already_mapped;
  }
  std::uint64_t entry = first_entry_for(source, level, rights).raw();
  for (std::size_t i = 0; i < entries; ++i, entry += entry_size(level)) {
    object.mapped[first_entry + i] = &source;
    object.entries[first_entry + i] = entry;
  }
  source.is_mapped = true;
  source.first_entry = static_cast<std::uint16_t>(first_entry);
  source.mapping = {table.base, level == x86::kRootLevel ? nullptr : &table};
  return {};
  //@ end
}

Result<void> unmap(const Slot& table, std::uint64_t entry) {
  if (entry >= x86::kEntriesPerTable) return Error::invalid_argument;
  Slot* const mapped = table_at(table.base).mapped[entry];
  if (mapped == nullptr) return Error::not_found;
  unmap(*mapped);
  return {};
}

void unmap(Slot& mapped) {
  //@ lab cpu-driver.4c: static_cast<void>(mapped);
  if (!mapped.is_mapped) return;
  const std::size_t entries = entries_of(mapped);
  const std::uint64_t bytes = entries * entry_size(level_above(mapped));
  const auto place = place_of(mapped);
  TableObject& object = table_at(mapped.mapping.table);
  for (std::size_t i = mapped.first_entry; i < mapped.first_entry + entries; ++i) {
    object.entries[i] = 0;
    object.mapped[i] = nullptr;
  }
  mapped.is_mapped = false;
  mapped.first_entry = 0;
  mapped.mapping = {0, nullptr};
  if (place) forget_translations(place.value().root, place.value().address, bytes);
  //@ end
}

void unmap_all(const Slot& table) {
  //@ lab cpu-driver.4d: static_cast<void>(table);
  if (table.type == Type::page_table_4) leave_address_space(PhysicalAddress(table.base));
  for (Slot* const mapped : table_at(table.base).mapped) {
    if (mapped == nullptr) continue;
    mapped->is_mapped = false;
    mapped->first_entry = 0;
    mapped->mapping = {0, nullptr};
  }
  //@ end
}

void follow_move(Slot& slot) {
  if (slot.is_mapped) {
    TableObject& above = table_at(slot.mapping.table);
    const std::size_t entries = entries_of(slot);
    for (std::size_t i = 0; i < entries; ++i) above.mapped[slot.first_entry + i] = &slot;
  }
  const unsigned level = table_level(slot.type);
  if (level == 0 || level == x86::kRootLevel) return;
  for (Slot* const mapped : table_at(slot.base).mapped) {
    if (mapped != nullptr) mapped->mapping.table_slot = &slot;
  }
}

}  // namespace sprat::cap
