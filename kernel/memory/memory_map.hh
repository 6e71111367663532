// memory_map.hh — the memory map: from the loader's list of memory to the memory that is free.

#pragma once

#include "sprat/address.hh"
#include "sprat/list.hh"

namespace sprat::memory {

// One line of the loader's list, unchecked: lists may be unsorted and ranges may overlap, be empty, lie at odd
// addresses or run past the end of the address space.
struct LoaderRange {
  std::uint64_t begin;
  std::uint64_t length;
  bool available;  // false: something is there, but it is not ours
};

// Below are the firmware's tables and buffers.
inline constexpr PhysicalAddress kLowestFree{1 << 20};
// No processor has more (SDM volume 3A, section 4.1.4).
inline constexpr PhysicalAddress kPhysicalEnd{std::uint64_t{1} << 52};

// Regions of free memory: page-aligned, not empty, disjoint, sorted by address, and never two that touch.
class MemoryMap {
 public:
  static constexpr std::size_t kCapacity = 64;

  constexpr std::span<const PhysicalRange> regions() const { return regions_.items(); }

  constexpr std::uint64_t total_bytes() const {
    std::uint64_t total = 0;
    for (const PhysicalRange& region : regions()) total += region.size();
    return total;
  }

  // Puts a region behind all others; the caller answers for the order. out_of_memory: there are kCapacity already.
  constexpr Result<void> append(PhysicalRange region) { return regions_.append(region); }

 private:
  BoundedList<PhysicalRange, kCapacity> regions_;
};

// Returns the pages that lie in some available range as a whole, and of which no byte lies in a range that is not
// available, in a `reserved` range, below kLowestFree or from kPhysicalEnd on. Ranges of the loader that touch or
// overlap count as one; a range that runs past the end of the address space ends there.
//   out_of_memory   the result has more than MemoryMap::kCapacity regions
// At most 128 ranges in `loader` and 256 in `reserved`; `reserved` may overlap and is not sorted either.
Result<MemoryMap> find_free_memory(std::span<const LoaderRange> loader,
                                   std::span<const PhysicalRange> reserved);

}  // namespace sprat::memory
