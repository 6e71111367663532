// counts.cc — counting one vCPU.
#include "scope/counts.hh"

#include <algorithm>

namespace sprat::scope {

Counts& Counts::operator+=(const Counts& other) {
  steps += other.steps;
  repeats += other.repeats;
  locked += other.locked;
  fetches += other.fetches;
  upgrades += other.upgrades;
  return *this;
}

Counts Counts::operator-(const Counts& other) const {
  return {steps - other.steps, repeats - other.repeats, locked - other.locked,
          fetches - other.fetches, upgrades - other.upgrades};
}

void VcpuCounts::locked() {
  bump(steps_);
  bump(locked_);
}

// QEMU executes a repetition by executing the instruction again. It is the same one that goes on
// when nothing came between.
void VcpuCounts::string(std::uint64_t address) {
  if (steps() == string_steps_ && address == string_address_ && string_steps_ != 0) bump(repeats_);
  bump(steps_);
  string_address_ = address;
  string_steps_ = steps();
}

void VcpuCounts::region_begin(std::uint16_t id, bool is_trusted) {
  bump(steps_);
  const std::lock_guard lock(mutex_);
  OpenRegion& region = regions_[id];
  ++region.entries;
  region.strangers += is_trusted ? 0 : 1;
  region.unpaired += region.open ? 1 : 0;
  if (region.open) return;
  region.open = true;
  region.begin = ++begins_;
  ++open_regions_;
  region.at_begin = counts();
}

void VcpuCounts::region_end(std::uint16_t id, bool is_trusted) {
  {
    const std::lock_guard lock(mutex_);
    OpenRegion& region = regions_[id];
    ++region.ends;
    region.strangers += is_trusted ? 0 : 1;
    region.unpaired += region.open ? 0 : 1;
    if (region.open) {
      region.inside += counts() - region.at_begin;
      --open_regions_;
    }
    region.open = false;
  }
  bump(steps_);
}

void VcpuCounts::halt() {
  bump(steps_);
  const std::lock_guard lock(mutex_);
  const Counts now = counts();
  if (entries_.halt(now.instructions(), now.steps)) entry_ended();
}

void VcpuCounts::interrupts_on() {
  bump(steps_);
  const std::lock_guard lock(mutex_);
  entries_.interrupts_on();
}

void VcpuCounts::move(std::uint64_t address) {
  const std::lock_guard lock(mutex_);
  const Counts now = counts();
  if (entries_.move(address, now.instructions(), now.steps)) entry_ended();
}

void VcpuCounts::entry_ended() {
  const KernelEntry& entry = entries_.last();
  for (auto& [id, region] : regions_) {
    if (!region.open) continue;
    if (entry.instructions > region.longest.instructions) region.longest = entry;
    region.longest_with_repeats = std::max(region.longest_with_repeats, entry.steps);
  }
}

void VcpuCounts::moved(Moves moves) {
  if (moves.fetched) bump(fetches_);
  if (moves.upgraded) bump(upgrades_);
}

void VcpuCounts::touched(Footprint& footprint, std::uint64_t Region::*lines, std::uint64_t line) {
  const std::uint64_t before = footprint.touch(line, begins_);
  if (before == begins_) return;  // since the last of them began
  const std::lock_guard lock(mutex_);
  for (auto& [id, region] : regions_) {
    if (region.open && before < region.begin) ++(region.*lines);
  }
}

Counts VcpuCounts::counts() const {
  const auto read = [](const Counter& counter) { return counter.load(std::memory_order_relaxed); };
  return {read(steps_), read(repeats_), read(locked_), read(fetches_), read(upgrades_)};
}

std::map<std::uint16_t, Region> VcpuCounts::regions() const {
  const std::lock_guard lock(mutex_);
  std::map<std::uint16_t, Region> regions;
  for (const auto& [id, region] : regions_) {
    regions[id] = region;
    if (region.open) regions[id].inside += counts() - region.at_begin;
  }
  return regions;
}

KernelReport VcpuCounts::kernel() const {
  const std::lock_guard lock(mutex_);
  return entries_.report();
}

}  // namespace sprat::scope
