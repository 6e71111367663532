// fill.hh — writing into frames that others will see: through a mapping of the monitor's own, of a copy of the capability.

#pragma once

#include "lib/caps.hh"
#include "lib/runtime.hh"

namespace sprat::monitor {

inline constexpr VirtualAddress kWindow = kOwnMappings;

// The slot for the copy, taken for the first frame and kept for good: the end of a channel must be marked when no slot is left.
inline constinit CapAddress window_slot{};

// Maps the frame at `address` in this process's CSpace, `bytes` long (up to 2 MiB), calls fill(std::byte*) with where it is,
// and unmaps it.  The errors of mint_into and of AddressSpace::map
template <class Fill>
Result<void> fill_frame(CapAddress address, std::uint64_t bytes, Fill fill) {
  if (window_slot == CapAddress()) window_slot = TRY(take_slot());
  const Place place = place_of(window_slot);
  TRY(mint_into(place.cnode, place.slot, address, {}));
  auto done = runtime().space.map(kWindow, CapRef<Type::frame>(window_slot), bytes, kWrite);
  if (done) {
    fill(reinterpret_cast<std::byte*>(kWindow.value()));
    done = runtime().space.unmap(kWindow);
  }
  static_cast<void>(remove(window_slot));
  return done;
}

}  // namespace sprat::monitor
