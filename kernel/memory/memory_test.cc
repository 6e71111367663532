// memory_test.cc — write everything, then read everything.

#include "memory/memory_test.hh"

#include "memory/window.hh"

namespace sprat::memory {
namespace {

constexpr unsigned kWordsOfPage = kPageSize / sizeof(std::uint64_t);

std::uint64_t pattern(std::uint64_t seed, PhysicalAddress address) {
  constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio: mixes well
  return (seed ^ address.value()) * kGolden;
}

template <class Visit>
void for_each_word(const MemoryMap& map, unsigned words_per_page, Visit visit) {
  const std::uint64_t stride = kWordsOfPage / words_per_page * sizeof(std::uint64_t);
  for (const PhysicalRange& region : map.regions()) {
    for (PhysicalAddress page = region.begin; page < region.end; page = page + kPageSize) {
      for (unsigned word = 0; word < words_per_page; ++word) visit(page + word * stride);
    }
  }
}

}  // namespace

MemoryTest test_memory(const MemoryMap& map, std::uint64_t seed, unsigned words_per_page) {
  for_each_word(map, words_per_page, [&](PhysicalAddress address) {
    *window<volatile std::uint64_t>(address) = pattern(seed, address);
  });
  MemoryTest result{.pages = map.total_bytes() / kPageSize};
  for_each_word(map, words_per_page, [&](PhysicalAddress address) {
    const std::uint64_t read = *window<volatile std::uint64_t>(address);
    if (read == pattern(seed, address)) return;
    if (result.faults++ == 0) result.first_fault = {address, pattern(seed, address), read};
  });
  return result;
}

}  // namespace sprat::memory
