// census.cc — counting, here and elsewhere.

#include "monitor/census.hh"

#include "lib/runtime.hh"

namespace sprat::monitor {

Census CensusTaker::own() const {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < process_.ram_regions; ++i) bytes += process_.ram[i].bytes;
  Census census;
  census.slots = static_cast<std::uint32_t>(runtime().slots.taken());
  census.free_kib = static_cast<std::uint32_t>((bytes - runtime().ram.bytes_made()) >> 10);
  processes_.count(census);
  parts_.count(census);
  return census;
}

Result<Census> CensusTaker::of(std::uint64_t core) const {
  return core == process_.core_id ? own() : parts_.census_of(core);
}

}  // namespace sprat::monitor
