// acpi.hh — processors and interrupt controllers, as the firmware's ACPI tables list them.
//
//   RSDP ──▶ RSDT or XSDT ──▶ MADT: local APICs, I/O APICs, which interrupt line arrives where
//   (BIOS)   (list of tables)
//
// Source: ACPI 6.5, sections 5.2.5 (RSDP), 5.2.7 (RSDT), 5.2.8 (XSDT), 5.2.12 (MADT).

#pragma once

#include "boot/boot_info.hh"
#include "sprat/first_process.hh"
#include "x86/apic.hh"

namespace sprat::boot {

struct MachineDescription {
  // In the firmware's order, no number twice.
  BoundedList<FirstProcess::Core, kMaxCores> processors;
  PhysicalAddress local_apic;  // its registers, on each core; page-aligned
  PhysicalAddress io_apic;     // of the I/O APIC with the first lines; zero if there is none
  x86::LineRoutes lines;       // as it wants them
};

// The ranges that the tables can be in: all of [0, memory_end), first, then the memory above it and below 4 GiB that
// the loader lists as not available, page-aligned. Ranges beyond the list's capacity are left out.
using FirmwareMemory = BoundedList<PhysicalRange, 16>;
FirmwareMemory firmware_memory(const BootInfo& info);

// Finds and reads the tables; `readable` are the ranges of physical memory that may be looked at, all visible through
// the window, and nothing outside is touched, whatever the tables say. Processors beyond kMaxCores are left out.
//   not_found   there is no RSDP, or no MADT
//   malformed   a length, an address or a checksum on the way to the end of the MADT is wrong
Result<void> read_acpi(std::span<const PhysicalRange> readable, MachineDescription& machine);

}  // namespace sprat::boot
