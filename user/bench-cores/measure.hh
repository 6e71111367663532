// measure.hh — counts of the time-stamp counter as rows, in the words of scripts/benchmarks/linux, whose counts stand beside them.

#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "lib/console.hh"
#include "lib/task.hh"

namespace sprat::bench {

inline std::uint64_t now() { return __builtin_ia32_rdtsc(); }

inline void print_row(std::string_view what, std::size_t cores, std::uint64_t count) {
  print("row what={} cores={} count={}\n", what, cores, count);
}

// The middle one of the counts in `all`, which are put in another order.
inline std::uint64_t median(std::span<std::uint64_t> all) {
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::nth_element(all.begin(), middle, all.end());
  return *middle;
}

// The cores on which this process has a dispatcher, its own first.
using Cores = std::span<const std::uint64_t>;

Task<> measure_starts();             // starts.cc: a program is started, and has ended
Result<void> measure_fresh_pages();  // pages.cc: page faults of self-paged memory
Task<> measure_shared_pages(
    Cores cores);  // pages.cc: a page that all cores know may be written, or is there, no more
Task<> measure_pairs(Cores cores);  // work.cc: work without communication
Task<> measure_chain(Cores cores);  // work.cc: work with communication in each step

}  // namespace sprat::bench
