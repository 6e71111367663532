// paging.cc — walking down the tables.

#include "lib/paging.hh"

#include <algorithm>
#include <bit>

namespace sprat {
namespace {

constexpr unsigned kPageBits = 12, kEntryBits = 9, kRootLevel = 4;

// A table of `level` translates so many bytes, one entry of it 512 times less.
constexpr std::uint64_t bytes_of_entry(unsigned level) {
  return std::uint64_t{1} << (kPageBits + kEntryBits * (level - 1));
}
constexpr std::uint64_t bytes_of_table(unsigned level) { return bytes_of_entry(level + 1); }

constexpr std::uint64_t entry_of(unsigned level, VirtualAddress address) {
  return (address.value() >> (kPageBits + kEntryBits * (level - 1))) % (1 << kEntryBits);
}

}  // namespace

AddressSpace::AddressSpace(CapRef<Type::page_table_4> root, SlotAllocator& slots, RamSupply& ram)
    : slots_(&slots), ram_(&ram), count_(1) {
  tables_[0] = {kRootLevel, VirtualAddress(), root.address()};
}

// The newest first: what a program maps and unmaps again is mostly there.
const AddressSpace::Table* AddressSpace::find(unsigned level, VirtualAddress address) const {
  const VirtualAddress begin = address.round_down(bytes_of_table(level));
  for (std::size_t i = count_; i-- > 0;) {
    if (tables_[i].level == level && tables_[i].begin == begin) return &tables_[i];
  }
  return nullptr;
}

Result<CapAddress> AddressSpace::find_or_make(unsigned level, VirtualAddress address) {
  if (const Table* table = find(level, address)) return table->address;
  if (level == kRootLevel) return Error::invalid_argument;
  return make(level, address);
}

// Makes a table and enters it into the one above, which is made first if need be. Goes at most two levels deep.
Result<CapAddress> AddressSpace::make(unsigned level, VirtualAddress address) {
  const auto parent = TRY(find_or_make(level + 1, address));
  if (count_ == kMaxTables) return Error::out_of_memory;
  const auto slot = slots_->take();
  if (!slot) return slot.error();

  const Place place = place_of(slot.value());
  const Type type = page_table_type(level);
  if (const auto made = ram_->make_into(place.cnode, place.slot, type, object_bits(type)); !made) {
    slots_->give_back(slot.value());
    return made.error();
  }
  const auto entered =
      invoke(parent, Method::map, entry_of(level + 1, address), slot.value().raw(), kWrite.bits());
  if (!entered) {
    static_cast<void>(remove(slot.value()));
    slots_->give_back(slot.value());
    return entered.error();
  }
  tables_[count_++] = {level, address.round_down(bytes_of_table(level)), slot.value()};
  return slot.value();
}

Result<void> AddressSpace::map(VirtualAddress address, CapRef<Type::frame> frame,
                               std::uint64_t bytes, Rights rights) {
  const std::uint64_t reach = bytes_of_table(1);
  if (!address.is_aligned(kPageSize) || bytes % kPageSize != 0 ||
      bytes > reach - address.value() % reach) {
    return Error::misaligned;
  }
  const auto table = TRY(find_or_make(1, address));
  TRY(invoke(table, Method::map, entry_of(1, address), frame.address().raw(), rights.bits()));
  return {};
}

Result<void> AddressSpace::unmap(VirtualAddress address) {
  const Table* const table = find(1, address);
  if (table == nullptr) return Error::not_found;
  TRY(invoke(table->address, Method::unmap, entry_of(1, address)));
  return {};
}

unsigned frame_bits_at(VirtualAddress address, std::uint64_t bytes) {
  constexpr unsigned kLargestBits = kPageBits + kEntryBits;
  const auto aligned = static_cast<unsigned>(std::countr_zero(address.value()));
  const auto fits = static_cast<unsigned>(std::bit_width(bytes)) - 1;
  return std::min({aligned, fits, kLargestBits});
}

}  // namespace sprat
