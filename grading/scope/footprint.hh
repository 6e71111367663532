// footprint.hh — which cache lines one vCPU has touched since when: the lines that a cold cache would have to get for a
// region.
#pragma once

#include <array>
#include <cstdint>
#include <unordered_map>

namespace sprat::scope {

// No sets of lines are kept: each line remembers when it was touched last, by a clock that advances when a region begins. For
// a region that began at time t, a line that was touched before t is new, and one touched since is not.
//
//   clock        1        2           3
//   region A     begins ─────────────────────── ends     A touches x, y, z: 3
//   region B              begins ─ ends                  B touches y, x: 2
//   touches       x  y     y  x        z  z
class Footprint {
 public:
  // Touches a line at time `now`, which is not 0. Returns when it was touched before; 0 for never.
  std::uint64_t touch(std::uint64_t line, std::uint64_t now);

 private:
  static constexpr unsigned kPageBits = 6;  // lines
  static constexpr std::size_t kRecentPages = 64;

  using Page = std::array<std::uint64_t, 1U << kPageBits>;
  struct RecentPage {
    std::uint64_t number = ~std::uint64_t{0};
    Page* page = nullptr;
  };

  std::array<RecentPage, kRecentPages> recent_;
  std::unordered_map<std::uint64_t, Page> pages_;  // which never move
};

}  // namespace sprat::scope
