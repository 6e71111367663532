// kernel_entries.cc — from the user to the kernel and back.
#include "scope/kernel_entries.hh"

#include <algorithm>

namespace sprat::scope {

bool KernelEntries::move(std::uint64_t address, std::uint64_t instructions, std::uint64_t steps) {
  const Place before = place_;
  if (address < kUserEnd) {
    if (before != Place::firmware) place_ = Place::user;
    if (is_in_entry(before)) end(instructions, steps);
    return is_in_entry(before);
  }
  if (before == Place::firmware) place_ = Place::boot;
  if (before == Place::opening) place_ = Place::shadow;
  if (before == Place::shadow) end(instructions, steps);
  if (before == Place::user || before == Place::halted || before == Place::shadow) {
    place_ = Place::kernel;
    begun_ = {.address = address, .after = instructions};
    steps_before_ = steps;
  }
  return before == Place::shadow;
}

bool KernelEntries::halt(std::uint64_t instructions, std::uint64_t steps) {
  if (!is_in_entry(place_)) return false;
  place_ = Place::halted;
  end(instructions, steps);
  return true;
}

void KernelEntries::end(std::uint64_t instructions, std::uint64_t steps) {
  ended_ = begun_;
  ended_.instructions = instructions - begun_.after;
  ended_.steps = steps - steps_before_;
  ++report_.entries;
  report_.instructions += ended_.instructions;
  if (ended_.instructions > report_.longest.instructions) report_.longest = ended_;
  report_.longest_with_repeats = std::max(report_.longest_with_repeats, ended_.steps);
}

}  // namespace sprat::scope
