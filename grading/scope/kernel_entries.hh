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

// An entry is a stretch in the upper half in which the vCPU hears no interrupt: it begins after an instruction of the user's,
// or when interrupts have been let in, and ends before the user's next instruction, with a HLT, or with the instruction
// that follows a STI, after which the vCPU hears interrupts. An entry that never ends is not counted. Firmware, loader and kernel
// execute in both halves before there is a user: the first return to the lower half is the user's first instruction.
class KernelEntries {
 public:
  // Returns whether the code at `address` lies elsewhere than the instruction before: then `move` must be called.
  bool is_elsewhere(std::uint64_t address) const {
    return place_ != (address < kUserEnd ? Place::user : Place::kernel);
  }

  // The vCPU goes on at `address`, having executed so much before. Returns whether an entry ended (`last`).
  bool move(std::uint64_t address, std::uint64_t instructions, std::uint64_t steps);

  // The vCPU executes a STI: QEMU begins a straight line after it, and one more after the instruction that follows.
  void interrupts_on() {
    if (place_ == Place::kernel) place_ = Place::opening;
  }

  // The vCPU has executed a HLT. Returns whether an entry ended.
  bool halt(std::uint64_t instructions, std::uint64_t steps);

  const KernelEntry& last() const { return ended_; }
  const KernelReport& report() const { return report_; }

 private:
  // opening: behind a STI; shadow: in the instruction after it.
  enum class Place : std::uint8_t { firmware, boot, user, kernel, opening, shadow, halted };

  static bool is_in_entry(Place place) {
    return place == Place::kernel || place == Place::opening || place == Place::shadow;
  }

  void end(std::uint64_t instructions, std::uint64_t steps);

  Place place_ = Place::firmware;
  KernelEntry begun_;               // the one that goes on, while in the kernel
  KernelEntry ended_;               // the one that ended last
  std::uint64_t steps_before_ = 0;  // the one that goes on
  KernelReport report_;
};

}  // namespace sprat::scope
