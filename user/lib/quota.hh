// quota.hh — the quota: the most that a process and all that it starts may have at the same time.

#pragma once

#include <algorithm>
#include <cstdint>

namespace sprat {

struct Quota {
  std::uint64_t processes = 0;  // itself included
  std::uint64_t memory = 0;     // bytes of its core's RAM, its own memory included
  std::uint64_t channels = 0;   // ends of channels to other processes
  std::uint64_t slots =
      0;  // of the monitor's, for capabilities that the monitor keeps on its behalf

  constexpr bool operator==(const Quota&) const = default;

  constexpr bool fits_in(const Quota& limit) const {
    return processes <= limit.processes && memory <= limit.memory && channels <= limit.channels &&
           slots <= limit.slots;
  }

  constexpr Quota operator+(const Quota& more) const {
    return {processes + more.processes, memory + more.memory, channels + more.channels,
            slots + more.slots};
  }
  constexpr Quota operator-(const Quota& less) const {
    return {processes - less.processes, memory - less.memory, channels - less.channels,
            slots - less.slots};
  }
  constexpr Quota operator*(std::uint64_t times) const {
    return {processes * times, memory * times, channels * times, slots * times};
  }
  constexpr Quota operator/(std::uint64_t parts) const {
    return {processes / parts, memory / parts, channels / parts, slots / parts};
  }
};

// In each respect the smaller of the two.
constexpr Quota least(const Quota& a, const Quota& b) {
  return {std::min(a.processes, b.processes), std::min(a.memory, b.memory),
          std::min(a.channels, b.channels), std::min(a.slots, b.slots)};
}

// For a child that may have as much as its parent.
inline constexpr Quota kParentsQuota{~std::uint64_t{0}, ~std::uint64_t{0}, ~std::uint64_t{0},
                                     ~std::uint64_t{0}};

}  // namespace sprat
