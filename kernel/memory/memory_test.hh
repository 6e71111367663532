// memory_test.hh — is the free memory of the memory map really memory, and is each page there only once?

#pragma once

#include <cstdint>

#include "memory/memory_map.hh"

namespace sprat::memory {

// A word that was written and came back different.
struct MemoryFault {
  PhysicalAddress address;
  std::uint64_t written = 0;
  std::uint64_t read = 0;
};

struct MemoryTest {
  std::uint64_t pages = 0;
  std::uint64_t faults = 0;
  MemoryFault first_fault{};
};

// Writes words derived from `seed` and their own address over all regions first and reads all of them back
// then, so that a page that answers at two addresses is noticed. `words_per_page`: 1..512, spread evenly; costs two
// memory accesses each. The contents of the regions are lost.
MemoryTest test_memory(const MemoryMap& map, std::uint64_t seed, unsigned words_per_page);

}  // namespace sprat::memory
