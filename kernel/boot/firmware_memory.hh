// firmware_memory.hh — memory that is the firmware's for good: ACPI tables are there.

#pragma once

#include <span>

#include "boot/boot_info.hh"
#include "memory/address_space.hh"

namespace sprat::boot {

// The ranges that ACPI tables can be in: all of [0, memory_end), first, then the memory above it and below 4 GiB that
// the loader lists as not available, page-aligned. Ranges beyond the list's capacity are left out.
using FirmwareMemory = BoundedList<PhysicalRange, 16>;
FirmwareMemory firmware_memory(const BootInfo& info);

// Makes those above memory_end visible through the window, read only. Errors are those of `AddressSpace::map`, but it
// is no error if a page is mapped already.
Result<void> map_firmware(memory::AddressSpace& space, const FirmwareMemory& memory);

}  // namespace sprat::boot
