// address_spaces.cc — sharing the kernel's half, and forgetting translations that are no longer true.

#include "dispatch/address_spaces.hh"

#include <algorithm>

#include "cap/hooks.hh"
#include "memory/window.hh"
#include "x86/cpu.hh"

namespace sprat::dispatch {
namespace {

constinit PhysicalAddress kernel_root{};

// With more pages than this, forgetting everything is cheaper.
constexpr std::uint64_t kPagesOneByOne = 8;

}  // namespace

void initialise_address_spaces(PhysicalAddress root) { kernel_root = root; }

}  // namespace sprat::dispatch

namespace sprat::cap {

void make_kernel_half(TableObject& root) {
  const auto& ours = memory::window<TableObject>(dispatch::kernel_root)->entries;
  std::copy(ours.begin() + 256, ours.end(), root.entries.begin() + 256);
}

void forget_translations(PhysicalAddress root, VirtualAddress address, std::uint64_t bytes) {
  // Another address space has none in the processor: loading CR3 forgets them all.
  if (x86::read_cr3() != root) return;
  if (bytes > dispatch::kPagesOneByOne * kPageSize) return x86::write_cr3(root);
  for (std::uint64_t page = 0; page < bytes; page += kPageSize)
    x86::forget_translation(address + page);
}

void leave_address_space(PhysicalAddress root) {
  if (x86::read_cr3() == root) x86::write_cr3(dispatch::kernel_root);
}

}  // namespace sprat::cap
