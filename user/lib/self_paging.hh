// self_paging.hh — self-paged memory: ranges of addresses whose pages this process maps in its own page_fault upcall.
//
//   reserve(bytes)     addresses, and no memory yet
//   touch an address ─▶ page fault ─▶ upcall ─▶ fill(address) ─▶ the instruction again
//
// Below each range lie addresses that are never mapped: an access below a range is a fault, and reaches no other range.

#pragma once

#include "lib/paging.hh"

namespace sprat {

class SelfPaging {
 public:
  static constexpr unsigned kUnitBits = 14;  // so much memory comes at a time
  static constexpr std::uint64_t kUnitBytes = std::uint64_t{1} << kUnitBits;
  static constexpr std::size_t kMaxRanges = 32;

  constexpr SelfPaging() = default;
  // Manages the addresses [begin, end), multiples of kUnitBytes, of which nothing is mapped, with memory from `ram`.
  SelfPaging(VirtualAddress begin, VirtualAddress end, AddressSpace& space, RamSupply& ram)
      : next_(begin), end_(end), space_(&space), ram_(&ram) {}

  // Returns the first of `bytes` addresses, rounded up to units.  out_of_memory: no addresses are left, or too many
  // ranges
  Result<VirtualAddress> reserve(std::uint64_t bytes);

  // Makes the unit of `address` and maps it, to be read and written.
  //   not_found        the address is in none of the ranges
  //   already_mapped   its unit is there
  //   out_of_memory
  Result<void> fill(VirtualAddress address);

  // Makes all units of [begin, begin + bytes) that are not there yet; the errors of fill.
  Result<void> fill_all(VirtualAddress begin, std::uint64_t bytes);
  //@ since memory

  // Reserves addresses until give_back(); ones that were given back are used again if they suffice. Needs 4 bytes of the heap a unit.
  // The errors of reserve
  Result<VirtualAddress> reserve_for_a_time(std::uint64_t bytes);

  // Deletes the memory of the range that begins at `begin`, of reserve_for_a_time, and gives back RAM in which nothing is left
  // (memory_client.hh). An access to it is a fault from now on.
  void give_back(VirtualAddress begin);

  // Whether a range of reserve_for_a_time begins there.
  bool is_for_a_time(VirtualAddress begin) const;
  //@ end

 private:
  struct Range {
    VirtualAddress begin, end;
    //@ since memory
    CapAddress* frames = nullptr;  // of its units; null: they stay
    //@ end
  };

  bool is_reserved(VirtualAddress address) const;
  //@ since memory
  void join_given_back();
  Result<VirtualAddress> take_addresses(std::uint64_t bytes);
  CapAddress* place_of_frame(VirtualAddress address);
  //@ end

  VirtualAddress next_, end_;
  AddressSpace* space_ = nullptr;
  RamSupply* ram_ = nullptr;
  std::array<Range, kMaxRanges> ranges_{};
  std::size_t count_ = 0;
  //@ since memory
  std::array<Range, kMaxRanges> given_back_{};
  std::size_t given_back_count_ = 0;
  //@ end
};

}  // namespace sprat
