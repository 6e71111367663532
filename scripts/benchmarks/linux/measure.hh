// measure.hh — counts of the time-stamp counter, on a chosen processor, and the rows that they become.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace sprat::bench {

inline constexpr int kRepetitions = 255, kWarmUp = 32;

inline std::uint64_t now() { return __builtin_ia32_rdtsc(); }

// From now on this thread runs on that processor and no other.
void pin(int processor);

// The number of processors.
int processors();

// Prints why this program cannot go on, with the error of the last system call, and ends it.
[[noreturn]] void give_up(const char* what);

// The result of a system call that succeeds.
template <class T>
T must(T result, const char* what) {
  if (result == T(-1)) give_up(what);
  return result;
}

// A row of the table: it is printed when all is measured, for printing wakes the driver of the serial line.
void add_row(const char* what, int cores, std::uint64_t count);
void add_row(const char* what, int cores, std::uint64_t count, std::uint64_t result);

inline std::uint64_t median(std::vector<std::uint64_t> counts) {
  const auto middle = counts.begin() + static_cast<std::ptrdiff_t>(counts.size() / 2);
  std::nth_element(counts.begin(), middle, counts.end());
  return *middle;
}

// Adds a row with the median of the counts of `operation`.
template <class Operation>
void measure(const char* what, int cores, Operation operation, int repetitions = kRepetitions) {
  std::vector<std::uint64_t> counts;
  for (int i = 0; i < kWarmUp + repetitions; ++i) {
    const std::uint64_t begin = now();
    operation();
    const std::uint64_t spent = now() - begin;
    if (i >= kWarmUp) counts.push_back(spent);
  }
  add_row(what, cores, median(counts));
}

// In the order in which they are measured.
void measure_calls();     // calls.cc: the way into the kernel and back; a program is started
void measure_messages();  // messages.cc: between two processes, on one processor and on two
void measure_memory();    // memory.cc: page faults and mappings, on one processor
void measure_shared_memory();  // memory.cc: mappings that several processors know, and page faults of all at once
void measure_work();  // work.cc: computations of several threads

}  // namespace sprat::bench
