// counts.hh — the counts of one vCPU, in total and per marked region.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>

#include "scope/directory.hh"
#include "scope/footprint.hh"
#include "scope/kernel_entries.hh"

namespace sprat::scope {

// A step is one execution that QEMU makes. A REP string instruction is one instruction however
// often it repeats, and takes a step per repetition, so instructions = steps - repeats.
struct Counts {
  std::uint64_t steps = 0;
  std::uint64_t repeats = 0;
  std::uint64_t locked = 0;
  std::uint64_t fetches = 0;
  std::uint64_t upgrades = 0;

  std::uint64_t instructions() const { return steps - repeats; }
  Counts& operator+=(const Counts& other);
  Counts operator-(const Counts& other) const;
  bool operator==(const Counts&) const = default;
};

struct Region {
  std::uint64_t entries = 0;    // begin markers executed
  std::uint64_t ends = 0;       // end markers executed
  std::uint64_t unpaired = 0;   // of them: begun while open, ended while not
  std::uint64_t strangers = 0;  // of them: not the trusted program's
  Counts inside;
  KernelEntry longest;  // entry into the kernel that ended while the region was open
  std::uint64_t longest_with_repeats = 0;  // most steps of one of them
  // Different lines that were touched, entry by entry, and summed up.
  std::uint64_t code_lines = 0, data_lines = 0;
};

// The counters of one vCPU. Its own thread counts; any thread may ask.
//
// A region costs nothing while it runs: its begin remembers the vCPU's counts, its end adds the
// difference. A region that is open (begun and not ended) ignores further begins but for counting
// them, and is counted up to now when a count is read; an end of a region that is not open is counted
// and does nothing else. Regions with different numbers overlap freely.
class alignas(64) VcpuCounts {
 public:
  // Before each execution of an instruction, exactly one of these. `address` is the instruction's
  // own.
  void plain() { bump(steps_); }
  void locked();
  void string(std::uint64_t address);
  void region_begin(std::uint16_t id, bool is_trusted = true);
  void region_end(std::uint16_t id, bool is_trusted = true);
  void halt();
  void interrupts_on();

  // Before each straight line of instructions, of which the first is at `address`.
  void block(std::uint64_t address) {
    if (entries_.is_elsewhere(address)) move(address);
  }

  // After each access to memory.
  void moved(Moves moves);

  // Before the first instruction of each line of code, and after each access to a line of data: `line` is its number. Nothing
  // that moves is counted here, but each line that an empty cache would have to fetch for the regions that are open.
  void touched_code(std::uint64_t line) {
    if (open_regions_ != 0) touched(code_, &Region::code_lines, line);
  }
  void touched_data(std::uint64_t line) {
    if (open_regions_ != 0) touched(data_, &Region::data_lines, line);
  }

  std::uint64_t steps() const { return steps_.load(std::memory_order_relaxed); }
  Counts counts() const;
  std::map<std::uint16_t, Region> regions() const;
  KernelReport kernel() const;

 private:
  using Counter = std::atomic<std::uint64_t>;
  struct OpenRegion : Region {
    bool open = false;
    Counts at_begin;
    std::uint64_t begin = 0;  // by the clock of begins_
  };

  // One thread writes, so this needs no locked instruction.
  static void bump(Counter& counter) {
    counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  }

  void touched(Footprint& footprint, std::uint64_t Region::*lines, std::uint64_t line);
  void move(std::uint64_t address);
  void entry_ended();

  Counter steps_ = 0, repeats_ = 0, locked_ = 0, fetches_ = 0, upgrades_ = 0;
  std::uint64_t string_address_ =
      0;  // the last string instruction, and the steps made when it had been counted
  std::uint64_t string_steps_ = 0;
  mutable std::mutex mutex_;  // of the members below; this vCPU's own thread may read them without
  KernelEntries entries_;
  Footprint code_, data_;
  unsigned open_regions_ = 0;
  std::uint64_t begins_ = 0;  // of regions: the clock by which lines are touched
  std::map<std::uint16_t, OpenRegion> regions_;
};

}  // namespace sprat::scope
