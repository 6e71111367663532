// memory_model.hh — which memory is free, the slow and obvious way: page by page.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace lab {

struct LoaderRange {
  std::uint64_t begin;
  std::uint64_t length;
  bool available;
};

struct Range {
  std::uint64_t begin;
  std::uint64_t end;
  bool operator==(const Range&) const = default;
};

inline constexpr std::uint64_t kPage = 4096;
inline constexpr std::uint64_t kLowestFree = 1 << 20;
inline constexpr std::uint64_t kPhysicalEnd = std::uint64_t{1} << 52;

// Regions of whole pages that are free, in order, as memory/memory_map.hh promises them. Visits every page that some
// range of `loader` begins or ends near and jumps over what lies between, so that huge ranges are cheap.
std::vector<Range> free_memory_model(const std::vector<LoaderRange>& loader,
                                     const std::vector<Range>& reserved);

// Regions as text: "[0x1000, 0x3000) [0x8000, 0x9000)".
std::string text_of(const std::vector<Range>& ranges);

}  // namespace lab
