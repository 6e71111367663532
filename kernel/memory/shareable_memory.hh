// shareable_memory.hh — which memory one core may adopt from another: RAM, and not where a CPU driver lives.
//
// The boot core knows the machine's RAM. Each core that it loads gets a copy: the RAM, and the places of the drivers
// loaded so far.

#pragma once

#include <algorithm>

#include "sprat/first_process.hh"
#include "sprat/list.hh"

namespace sprat::memory {

class ShareableMemory {
 public:
  // Without effect when there is no room: memory that is not listed cannot be adopted.
  void add_ram(PhysicalRange region) { static_cast<void>(ram_.append(region)); }

  // The package, image and page tables of a core, which no core may share from now on. There is room for kMaxCores.
  void add_driver(PhysicalRange driver) { static_cast<void>(drivers_.append(driver)); }
  //@ since monitor

  // The driver in `ram` is not there any more.
  void remove_driver(PhysicalRange ram) {
    for (PhysicalRange& driver : drivers_.items())
      if (ram.begin <= driver.begin && driver.end <= ram.end) driver = {};
  }
  //@ end

  // Whether all of [begin, end) may be shared.
  //   invalid_argument   some of it is not RAM       in_use   a CPU driver is there
  Result<void> check(PhysicalRange range) const {
    const bool is_ram = std::ranges::any_of(ram_.items(), [&](const PhysicalRange& region) {
      return region.begin <= range.begin && range.end <= region.end;
    });
    if (!is_ram) return Error::invalid_argument;
    const bool is_taken = std::ranges::any_of(drivers_.items(), [&](const PhysicalRange& driver) {
      return driver.begin < range.end && range.begin < driver.end;
    });
    return is_taken ? Result<void>(Error::in_use) : Result<void>();
  }

 private:
  static constexpr std::size_t kMostRegions = 16;

  BoundedList<PhysicalRange, kMostRegions> ram_;
  BoundedList<PhysicalRange, kMaxCores> drivers_;
};

// This core's list.
inline constinit ShareableMemory shareable_memory{};

}  // namespace sprat::memory
