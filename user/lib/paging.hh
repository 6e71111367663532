// paging.hh — an address space that a process manages: frames go where they are to be seen, and the tables on the way are
// made when they are missing.
//
//   page_table_4 ── entry for 512 GiB ── page_table_3 ── 1 GiB ── page_table_2 ── 2 MiB ── page_table_1 ── 4 KiB ── frame
//
// Tables, like all memory, are capabilities: this class makes them from its RAM into its slots, and knows which of them
// stands for which addresses.

#pragma once

#include "lib/ram.hh"
#include "lib/slots.hh"

namespace sprat {

class AddressSpace {
 public:
  static constexpr std::size_t kMaxTables = 128;
  static constexpr std::size_t kSlotsPerMap = 3;  // a mapping takes so many slots at most

  constexpr AddressSpace() = default;
  // `root` is a page_table_4. Under it this object makes all tables but the existing ones, for addresses it is never
  // asked to map.
  AddressSpace(CapRef<Type::page_table_4> root, SlotAllocator& slots, RamSupply& ram);

  // Maps `frame`, which is `bytes` long, at `address`; both multiples of 4 KiB, and within one aligned range of 2 MiB.
  // `rights`: kWrite or kExecute or neither; reading is always allowed.
  //   misaligned          see above          already_mapped   something is there
  //   out_of_memory       no RAM, slot or place for another table is left
  //   and the errors of Method::map
  Result<void> map(VirtualAddress address, CapRef<Type::frame> frame, std::uint64_t bytes,
                   Rights rights);

  // Takes out the mapping that `address` is part of.  not_found: there is none that this object made
  Result<void> unmap(VirtualAddress address);

 private:
  struct Table {
    unsigned level = 0;
    VirtualAddress begin;  // of the addresses it translates
    CapAddress address;
  };

  const Table* find(unsigned level, VirtualAddress address) const;
  Result<CapAddress> find_or_make(unsigned level, VirtualAddress address);
  Result<CapAddress> make(unsigned level, VirtualAddress address);

  SlotAllocator* slots_ = nullptr;
  RamSupply* ram_ = nullptr;
  std::array<Table, kMaxTables> tables_{};
  std::size_t count_ = 0;
};

// Returns a frame of one of the sizes there are, as large as possible, that fits at `address` and is no longer than
// `bytes`: all of them multiples of 4 KiB. In bits.
unsigned frame_bits_at(VirtualAddress address, std::uint64_t bytes);

}  // namespace sprat
