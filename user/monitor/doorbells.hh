// doorbells.hh — which line of a core is whose, and capabilities to signal them.

#pragma once

#include "lib/caps.hh"
#include "lib/startup.hh"

namespace sprat::monitor {

// The monitor's own line, the same on every core; behind it are those of the places for processes (processes.hh).
inline constexpr std::uint64_t kLineOfMonitor = kFirstDoorbell;
constexpr std::uint64_t line_of_process(std::size_t place) { return kLineOfMonitor + 1 + place; }

// The interrupt `line` of this core signals `notification` from now on.
inline Result<void> bind_line(std::uint64_t line, CapRef<Type::notification> notification) {
  const auto bound =
      invoke(task_slot(TaskSlot::irq), Method::bind, line, notification.address().raw());
  return bound ? Result<void>() : bound.error();
}

// `count` doorbells of the core whose local APIC is `apic_id`, from line `first` on: an original, whose copies go when it is
// revoked. Without numbers, all of them.
inline Result<Cap<Type::irq>> doorbells_of(std::uint32_t apic_id,
                                           std::uint64_t first = kFirstDoorbell,
                                           std::uint64_t count = 0) {
  return fill_slot<Type::irq>([&](CapAddress slot) -> Result<void> {
    const Place place = place_of(slot);
    const auto given = invoke(task_slot(TaskSlot::kernel), Method::doorbells, place.cnode.raw(),
                              place.slot, apic_id, first - kFirstDoorbell, count);
    return given ? Result<void>() : given.error();
  });
}

// One of them.
inline Result<Cap<Type::irq>> doorbell_of(std::uint32_t apic_id, std::uint64_t line) {
  return doorbells_of(apic_id, line, 1);
}

// Returns a frame of another core's memory.  in_use: it is of this one's; misaligned, invalid_argument
inline Result<Cap<Type::frame>> adopt_frame(std::uint64_t begin, std::uint64_t bytes) {
  return fill_slot<Type::frame>([&](CapAddress slot) -> Result<void> {
    const Place place = place_of(slot);
    const auto adopted = invoke(task_slot(TaskSlot::kernel), Method::adopt, place.cnode.raw(),
                                place.slot, begin, bytes);
    return adopted ? Result<void>() : adopted.error();
  });
}

}  // namespace sprat::monitor
