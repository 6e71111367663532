// fill.hh — writing into frames that others will see: through a mapping of the monitor's own, of a copy of the capability.

#pragma once

#include "lib/caps.hh"
#include "lib/runtime.hh"

namespace sprat::monitor {

inline constexpr VirtualAddress kWindow = kOwnMappings;

// Maps the frame at `address` in this process's CSpace, `bytes` long (up to 2 MiB), calls fill(std::byte*) with where it is,
// and unmaps it.  The errors of mint and of AddressSpace::map
template <class Fill>
Result<void> fill_frame(CapAddress address, std::uint64_t bytes, Fill fill) {
  const auto copy = mint(CapRef<Type::frame>(address));
  if (!copy) return copy.error();
  const auto mapped = runtime().space.map(kWindow, copy.value(), bytes, kWrite);
  if (!mapped) return mapped;
  fill(reinterpret_cast<std::byte*>(kWindow.value()));
  return runtime().space.unmap(kWindow);
}

}  // namespace sprat::monitor
