// kernel_entries.cc — from the user to the kernel and back.
#include "scope/kernel_entries.hh"

#include <algorithm>

namespace sprat::scope {

bool KernelEntries::move(std::uint64_t address, std::uint64_t instructions, std::uint64_t steps) {
  const Place before = place_;
  if (address < kUserEnd) {
    if (before != Place::firmware) place_ = Place::user;
    if (before == Place::kernel) end(instructions, steps);
    return before == Place::kernel;
  }
  if (before == Place::firmware) place_ = Place::boot;
  if (before == Place::user || before == Place::halted) {
    place_ = Place::kernel;
    entry_ = {.address = address, .after = instructions};
    steps_before_ = steps;
  }
  return false;
}

bool KernelEntries::halt(std::uint64_t instructions, std::uint64_t steps) {
  if (place_ != Place::kernel) return false;
  place_ = Place::halted;
  end(instructions, steps);
  return true;
}

void KernelEntries::end(std::uint64_t instructions, std::uint64_t steps) {
  entry_.instructions = instructions - entry_.after;
  entry_.steps = steps - steps_before_;
  ++report_.entries;
  report_.instructions += entry_.instructions;
  if (entry_.instructions > report_.longest.instructions) report_.longest = entry_;
  report_.longest_with_repeats = std::max(report_.longest_with_repeats, entry_.steps);
}

}  // namespace sprat::scope
