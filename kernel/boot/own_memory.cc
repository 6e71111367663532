// own_memory.cc — from the loader's memory to the kernel's own.

#include "boot/own_memory.hh"

#include "debug/panic.hh"
#include "memory/address_space.hh"
#include "memory/memory_test.hh"
#include "x86/cpu.hh"
//@ since cpu-driver
#include "boot/firmware_memory.hh"
//@ end

namespace sprat::boot {
namespace {

// Sixteen frames map 512 GiB with 1 GiB pages, and 8 GiB on a processor that has only 2 MiB pages.
alignas(kPageSize) constinit std::array<x86::PageTable, 16> table_frames{};

}  // namespace

void enter_address_space(const BootInfo& info, const memory::ImageLayout& image) {
  const VirtualAddress frames(reinterpret_cast<std::uint64_t>(table_frames.data()));
  memory::FrameReserve reserve(table_frames, PhysicalAddress(frames - memory::kKernelBase));
  memory::AddressSpace space(reserve, x86::largest_page_level());
  if (const auto mapped = memory::map_kernel(space, image, info.memory_end()); !mapped) {
    debug::panic("cannot map the kernel and {} of memory: {} ({} of {} table frames used)",
                 info.memory_end(), name_of(mapped.error()), reserve.taken(), table_frames.size());
  }
  //@ since cpu-driver
  if (const auto mapped = map_firmware(space, firmware_memory(info)); !mapped)
    debug::panic("cannot map the firmware's tables: {}", name_of(mapped.error()));
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

void test_memory(const memory::MemoryMap& memory) {
  constexpr std::uint64_t kSeed = 0x5eed;
  const auto result = memory::test_memory(memory, kSeed, 2);
  if (result.faults != 0) {
    debug::panic("memory at {} does not keep written values: wrote {x}, read {x} ({} such words)",
                 result.first_fault.address, result.first_fault.written, result.first_fault.read,
                 result.faults);
  }
  debug::print_info("memory: {} pages written and read back\n", result.pages);
}

}  // namespace sprat::boot
