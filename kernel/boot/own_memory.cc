// own_memory.cc — from the loader's memory to the kernel's own.

#include "boot/steps.hh"
#include "debug/panic.hh"
#include "memory/address_space.hh"
#include "memory/window.hh"
#include "x86/cpu.hh"
//@ since cpu-driver
#include "boot/acpi.hh"
//@ end

namespace sprat::boot {
namespace {

// Sixteen frames map 512 GiB with 1 GiB pages, and 8 GiB on a processor that has only 2 MiB pages.
alignas(kPageSize) constinit std::array<x86::PageTable, 16> table_frames{};

constexpr unsigned kWordsOfPage = kPageSize / sizeof(std::uint64_t);

std::uint64_t pattern(std::uint64_t seed, PhysicalAddress address) {
  constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15;  // 2^64 / golden ratio: mixes well
  return (seed ^ address.value()) * kGolden;
}

template <class Visit>
void for_each_word(const memory::MemoryMap& map, unsigned words_per_page, Visit visit) {
  const std::uint64_t stride = kWordsOfPage / words_per_page * sizeof(std::uint64_t);
  for (const PhysicalRange& region : map.regions()) {
    for (PhysicalAddress page = region.begin; page < region.end; page = page + kPageSize) {
      for (unsigned word = 0; word < words_per_page; ++word) visit(page + word * stride);
    }
  }
}

}  // namespace

void enter_address_space(const BootInfo& info, const memory::ImageLayout& image) {
  const VirtualAddress frames(reinterpret_cast<std::uint64_t>(table_frames.data()));
  memory::FrameReserve reserve(table_frames, memory::physical_in_image(frames));
  memory::AddressSpace space(reserve, x86::largest_page_level());
  if (const auto mapped = memory::map_kernel(space, image, info.memory_end()); !mapped) {
    debug::panic("cannot map the kernel and {} of memory: {} ({} of {} table frames used)",
                 info.memory_end(), name_of(mapped.error()), reserve.taken(), table_frames.size());
  }
  //@ since cpu-driver
  const FirmwareMemory firmware = firmware_memory(info);
  for (const PhysicalRange& range : firmware.items().subspan(1)) {  // the first is in the window
    const VirtualAddress address = memory::kWindowBase + range.begin.value();
    const auto mapped = space.map(address, range, memory::Permissions::read);
    if (!mapped && mapped.error() != Error::already_mapped)
      debug::panic("cannot map the firmware's tables: {}", name_of(mapped.error()));
  }
  //@ end
  x86::write_cr3(space.root());
  x86::enable_protections();
}

memory::MemoryMap free_memory(const BootInfo& info, const memory::ImageLayout& image) {
  auto reserved = info.occupied;
  if (const auto added = reserved.append(image.whole()); !added) {
    debug::panic("the loader left more than {} structures; give it fewer modules",
                 reserved.items().size());
  }
  const auto map = memory::find_free_memory(info.memory.items(), reserved.items());
  if (map) return map.value();
  debug::print("memory map: {}; going on without free memory\n", name_of(map.error()));
  return {};
}

MemoryTest write_and_read_back(const memory::MemoryMap& map, std::uint64_t seed,
                               unsigned words_per_page) {
  for_each_word(map, words_per_page, [&](PhysicalAddress address) {
    *memory::window<volatile std::uint64_t>(address) = pattern(seed, address);
  });
  MemoryTest result{.pages = map.total_bytes() / kPageSize};
  for_each_word(map, words_per_page, [&](PhysicalAddress address) {
    const std::uint64_t read = *memory::window<volatile std::uint64_t>(address);
    if (read == pattern(seed, address)) return;
    if (result.faults++ == 0) result.first_fault = {address, pattern(seed, address), read};
  });
  return result;
}

void test_memory(const memory::MemoryMap& memory) {
  constexpr std::uint64_t kSeed = 0x5eed;
  const auto result = write_and_read_back(memory, kSeed, 2);
  if (result.faults != 0) {
    debug::panic("memory at {} does not keep written values: wrote {x}, read {x} ({} such words)",
                 result.first_fault.address, result.first_fault.written, result.first_fault.read,
                 result.faults);
  }
  debug::print_info("memory: {} pages written and read back\n", result.pages);
}

}  // namespace sprat::boot
