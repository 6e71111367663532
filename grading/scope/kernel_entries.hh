// kernel_entries.hh — how long the kernel of a vCPU keeps the processor, entry by entry.
#pragma once

#include <cstdint>

namespace sprat::scope {

// The first address that is not the user's: kernels live in the upper half.
inline constexpr std::uint64_t kUserEnd = std::uint64_t{1} << 47;

struct KernelEntry {
  std::uint64_t address = 0;       // of its first instruction
  std::uint64_t after = 0;         // instructions that the vCPU had executed before it
  std::uint64_t instructions = 0;  // that it took
  std::uint64_t steps = 0;         // the same, repetitions of string instructions included
};

struct KernelReport {
  std::uint64_t entries = 0;
  std::uint64_t instructions = 0;          // of all of them
  KernelEntry longest;                     // the first of those with the most instructions
  std::uint64_t longest_with_repeats = 0;  // most steps of an entry, perhaps of another one
};

// An entry is what a vCPU executes in the upper half between two instructions of the user's, or after it has woken up from
// a HLT. It ends before the user's next instruction, or with a HLT; one that never ends is none. Firmware, loader and
// kernel execute in both halves before there is a user: the first return to the lower half is the user's first instruction.
class KernelEntries {
 public:
  // Whether the code at `address` lies elsewhere than what was executed last: then `move` must be told.
  bool is_elsewhere(std::uint64_t address) const {
    return place_ != (address < kUserEnd ? Place::user : Place::kernel);
  }

  // The vCPU goes on at `address`, having executed so much before. True: an entry ended (`last`).
  bool move(std::uint64_t address, std::uint64_t instructions, std::uint64_t steps);

  // The vCPU has executed a HLT. True: an entry ended.
  bool halt(std::uint64_t instructions, std::uint64_t steps);

  const KernelEntry& last() const { return entry_; }
  const KernelReport& report() const { return report_; }

 private:
  enum class Place : std::uint8_t { firmware, boot, user, kernel, halted };

  void end(std::uint64_t instructions, std::uint64_t steps);

  Place place_ = Place::firmware;
  KernelEntry entry_;  // the one that ended last; while in the kernel, the one that has begun
  std::uint64_t steps_before_ = 0;  // of it
  KernelReport report_;
};

}  // namespace sprat::scope
