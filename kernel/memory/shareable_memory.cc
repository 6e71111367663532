// shareable_memory.cc — see shareable_memory.hh.

#include "memory/shareable_memory.hh"

#include <algorithm>

namespace sprat::memory {
namespace {

constinit ShareableMemory known{};

}  // namespace

ShareableMemory& shareable_memory() { return known; }

Result<void> ShareableMemory::check(PhysicalRange range) const {
  const bool is_ram = std::ranges::any_of(ram_.items(), [&](const PhysicalRange& region) {
    return region.begin <= range.begin && range.end <= region.end;
  });
  if (!is_ram) return Error::invalid_argument;
  const bool is_taken = std::ranges::any_of(drivers_.items(), [&](const PhysicalRange& driver) {
    return driver.begin < range.end && range.begin < driver.end;
  });
  return is_taken ? Result<void>(Error::in_use) : Result<void>();
}

}  // namespace sprat::memory
