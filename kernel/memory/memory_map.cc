// memory_map.cc — which memory is free, from a list that may be wrong.

#include "memory/memory_map.hh"

#include <algorithm>

namespace sprat::memory {

//@ lab boot.3a: // Helpers of your own go here.
// Whether a byte is free can change only where some range begins or ends. So: take the lowest address not yet
// looked at, ask whether the byte there is free and up to where that answer holds, and go on from there.
//
//   available    ██████████████            ██████████████
//   not ours               ░░░░░░░░░
//   reserved        ▒▒▒
//   free         ███   ████                ██████████████        each inward to whole pages

namespace {

constexpr std::uint64_t end_of(const LoaderRange& range) {
  const std::uint64_t room = kPhysicalEnd.value() - std::min(range.begin, kPhysicalEnd.value());
  return range.begin + std::min(range.length, room);
}

// Is the byte at `address` free, and up to which address is the answer the same for sure?
struct Stretch {
  bool free;
  std::uint64_t end;
};

Stretch stretch_at(std::uint64_t address, std::span<const LoaderRange> loader,
                   std::span<const PhysicalRange> reserved) {
  bool available = false;
  bool taken = address < kLowestFree.value();
  std::uint64_t end = taken ? kLowestFree.value() : kPhysicalEnd.value();
  const auto inside = [&](std::uint64_t range_begin, std::uint64_t range_end) {
    if (address < range_begin) {
      end = std::min(end, range_begin);
      return false;
    }
    if (address < range_end) end = std::min(end, range_end);
    return address < range_end;
  };
  for (const LoaderRange& range : loader) {
    if (range.length == 0 || !inside(range.begin, end_of(range))) continue;
    (range.available ? available : taken) = true;
  }
  for (const PhysicalRange& range : reserved) {
    if (range.begin < range.end && inside(range.begin.value(), range.end.value())) taken = true;
  }
  return {available && !taken, end};
}

// Adds the whole pages of [begin, end), if there are any.
Result<void> append_pages(MemoryMap& map, std::uint64_t begin, std::uint64_t end) {
  const auto first = PhysicalAddress(begin + kPageSize - 1).round_down(kPageSize);
  const auto last = PhysicalAddress(end).round_down(kPageSize);
  if (first >= last) return {};
  return map.append({first, last});
}

}  // namespace
//@ end

Result<MemoryMap> find_free_memory(std::span<const LoaderRange> loader,
                                   std::span<const PhysicalRange> reserved) {
  //@ lab boot.3b: return Error::not_implemented;
  MemoryMap map;
  std::uint64_t free_since = 0;
  bool free = false;
  for (std::uint64_t address = 0; address < kPhysicalEnd.value();) {
    const Stretch stretch = stretch_at(address, loader, reserved);
    if (stretch.free && !free) free_since = address;
    if (!stretch.free && free) {
      TRY(append_pages(map, free_since, address));
    }
    free = stretch.free;
    address = stretch.end;
  }
  if (free) {
    TRY(append_pages(map, free_since, kPhysicalEnd.value()));
  }
  return map;
  //@ end
}

}  // namespace sprat::memory
