// other_cores.cc — RAM of other cores: capabilities to it stay here, out of use; adopted frames and doorbells get new
// ones.

#include "dispatch/other_cores.hh"

#include <algorithm>
#include <array>
#include <span>

#include "boot/core_start.hh"
//@ since urpc
#include "memory/kernel_tables.hh"
#include "memory/shareable_memory.hh"
//@ end
#include "cap/hooks.hh"
#include "cap/operations.hh"
//@ since urpc
#include "dispatch/interrupts.hh"
//@ end
#include "sprat/first_process.hh"

namespace sprat::dispatch {
namespace {

constinit std::array<cap::Slot, kMaxCores> given_away{};
constinit std::size_t count = 0;
//@ since urpc
constinit std::uint32_t gifts = 0;  // of doorbells
constinit std::array<PhysicalRange, kMostAdoptions> adopted{};
//@ end

}  // namespace

Result<void> begin_loading_core(std::uint32_t apic_id, cap::Slot& ram,
                                std::uint64_t package_bytes) {
  if (count == given_away.size()) return Error::out_of_memory;
  if (ram.is_remote || cap::newest_descendant(ram) != nullptr) return Error::in_use;
  const PhysicalRange range{PhysicalAddress(ram.base), PhysicalAddress(ram.end())};
  TRY(boot::begin_loading(apic_id, range, package_bytes));
  cap::Slot& kept = given_away[count++];
  cap::take_place(kept, ram);
  kept.is_remote = true;
  return {};
}
//@ since urpc

Result<void> grant_doorbells(cap::Slot& slot, std::uint64_t apic_id, std::uint64_t first,
                             std::uint64_t how_many) {
  constexpr std::uint64_t kAllCores = 0xff;  // means all cores, with x2APIC none
  if (!slot.is_empty()) return Error::slot_in_use;
  if (apic_id >= kAllCores) return Error::invalid_argument;
  if (first >= kDoorbells || how_many > kDoorbells - first) return Error::invalid_argument;
  if (gifts == ~std::uint32_t{0}) return Error::out_of_memory;
  const std::uint64_t number =
      doorbell_number(++gifts, static_cast<std::uint32_t>(apic_id), kFirstDoorbell + first);
  cap::grant(slot, Type::irq, number, how_many != 0 ? how_many : kDoorbells - first);
  return {};
}

Result<void> adopt_frame(cap::Slot& slot, PhysicalAddress begin, std::uint64_t bytes) {
  if (!slot.is_empty()) return Error::slot_in_use;
  if (!begin.is_aligned(kPageSize) || bytes % kPageSize != 0) return Error::misaligned;
  if (bytes == 0 || bytes > kMostAdopted) return Error::invalid_argument;
  if (begin + bytes < begin) return Error::invalid_argument;
  const PhysicalRange range{begin, begin + bytes};
  TRY(memory::shareable_memory().check(range));
  for (std::uint64_t offset = 0; offset < bytes; offset += kPageSize) {
    if (memory::is_in_window(begin + offset)) return Error::in_use;
  }
  for (const PhysicalRange& other : adopted) {
    if (range.begin < other.end && other.begin < range.end) return Error::in_use;
  }
  PhysicalRange* const place = std::ranges::find(adopted, PhysicalRange{});
  if (place == adopted.end()) return Error::out_of_memory;
  *place = range;
  cap::grant_foreign_frame(slot, begin.value(), bytes);
  return {};
}
//@ end

bool is_known_to_other_cores(const cap::Slot& slot) {
  const auto given = std::span(given_away).first(count);
  return cap::has_remote_descendant(slot) || std::ranges::any_of(given, [&](const cap::Slot& ram) {
           return cap::may_have_made(slot, ram);
         });
}

}  // namespace sprat::dispatch

void sprat::cap::foreign_frame_ended([[maybe_unused]] const Slot& slot) {
  //@ since urpc
  const PhysicalRange range{PhysicalAddress(slot.base), PhysicalAddress(slot.end())};
  std::ranges::replace(dispatch::adopted, range, PhysicalRange{});
  //@ end
}
