// other_cores.cc — the capabilities to RAM that other cores live in.

#include "dispatch/other_cores.hh"

#include <array>

#include "boot/core_start.hh"
#include "cap/operations.hh"
#include "sprat/first_process.hh"

namespace sprat::dispatch {
namespace {

constinit std::array<cap::Slot, kMaxCores> given_away{};
constinit std::size_t count = 0;

}  // namespace

Result<void> begin_loading_core(std::uint32_t apic_id, cap::Slot& ram,
                                std::uint64_t package_bytes) {
  if (count == given_away.size()) return Error::out_of_memory;
  if (ram.is_remote || cap::newest_descendant(ram) != nullptr) return Error::in_use;
  const PhysicalRange range{PhysicalAddress(ram.base), PhysicalAddress(ram.end())};
  if (const auto begun = boot::begin_loading(apic_id, range, package_bytes); !begun) return begun;
  cap::Slot& kept = given_away[count++];
  cap::take_place(kept, ram);
  kept.is_remote = true;
  return {};
}

}  // namespace sprat::dispatch
