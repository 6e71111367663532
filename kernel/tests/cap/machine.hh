// machine.hh — the parts below and above capabilities: physical memory that is an array, dispatchers that only record
// the calls of hooks, and a processor that remembers translations until they are flushed.

#pragma once

#include <cstddef>
#include <vector>

#include "cap/operations.hh"

namespace sprat::test {

// Physical memory is [0, kMemoryBytes).
inline constexpr std::uint64_t kMemoryBytes = 12 << 20;

std::byte* first_byte();
PhysicalAddress physical(const void* pointer);

// The type Dispatcher of these tests.
struct Dispatcher {
  std::uint64_t made;  // how often
  std::uint64_t died;
  std::uint64_t lost_parts;
  cap::Slot own;
  std::array<cap::Slot, cap::kDispatcherParts> parts;
};
static_assert(sizeof(Dispatcher) <= std::size_t{1} << object_bits(Type::dispatcher));

Dispatcher& dispatcher_at(std::uint64_t base);

// The calls of hooks since the last clear().
struct Calls {
  struct Forgotten {
    PhysicalAddress root;
    VirtualAddress address;
    std::uint64_t bytes;
    bool operator==(const Forgotten&) const = default;
  };
  std::vector<Forgotten> forgotten;
  std::vector<PhysicalAddress> left;
  std::vector<const cap::Slot*> lost;
  std::vector<std::uint64_t> died;
  std::vector<std::uint64_t> lonely;  // by base

  void clear() { *this = {}; }
};
Calls& calls();

// The mark that make_kernel_half leaves in the first entry that is the kernel's.
inline constexpr std::uint64_t kKernelHalf = 0x1234;

// A translation that the processor has cached for an address space.
struct Translation {
  PhysicalAddress root;
  VirtualAddress address;
  std::uint64_t entry;  // the last one of the walk
};

// Walks the tables below `root`; an entry that is not present if there is nothing.
std::uint64_t walk(PhysicalAddress root, VirtualAddress address);

// The processor uses `address`, and caches the translation.
void touch(PhysicalAddress root, VirtualAddress address);

// A translation that the processor still uses though the tables do not say so any more, or null.
const Translation* stale_translation();

// A capability of the kernel's own making, at the beginning of the derivation order.
void make_root(cap::Slot& slot, Type type, std::uint64_t base, std::uint64_t bytes);

}  // namespace sprat::test
