// firmware_memory.cc — the loader's list once more, this time for memory that is not available.

#include "boot/firmware_memory.hh"

namespace sprat::boot {

FirmwareMemory firmware_memory(const BootInfo& info) {
  constexpr std::uint64_t kTablesEnd = std::uint64_t{1} << 32;
  FirmwareMemory memory;
  static_cast<void>(memory.append({PhysicalAddress(), info.memory_end()}));
  for (const memory::LoaderRange& range : info.memory.items()) {
    if (range.available || range.begin < info.memory_end().value() || range.begin >= kTablesEnd ||
        range.length > kTablesEnd - range.begin) {
      continue;
    }
    const PhysicalRange pages{
        PhysicalAddress(range.begin).round_down(kPageSize),
        PhysicalAddress(range.begin + range.length + kPageSize - 1).round_down(kPageSize)};
    static_cast<void>(memory.append(pages));
  }
  return memory;
}

Result<void> map_firmware(memory::AddressSpace& space, const FirmwareMemory& memory) {
  for (const PhysicalRange& range : memory.items().subspan(1)) {
    const auto mapped =
        space.map(memory::kWindowBase + range.begin.value(), range, memory::Permissions::read);
    if (!mapped && mapped.error() != Error::already_mapped) return mapped;
  }
  return {};
}

}  // namespace sprat::boot
