// boot_info.hh — the loader's information about the machine, in a form that does not depend on the loader.

#pragma once

#include "memory/memory_map.hh"
#include "sprat/text.hh"

namespace sprat::boot {

// A file the loader put into memory beside the kernel. The command line's first word is its name.
struct Module {
  PhysicalRange memory;
  std::string_view command_line;

  constexpr std::string_view name() const { return slice(command_line, 0, command_line.find(' ')); }
};

struct BootInfo {
  std::string_view command_line;
  BoundedList<memory::LoaderRange, 128> memory;
  BoundedList<Module, 64> modules;
  // Where the loader's own structures and strings are; they stay readable, so their memory is not free.
  BoundedList<PhysicalRange, 192> occupied;

  // Returns the first page-aligned address above all memory that is available.
  PhysicalAddress memory_end() const;
};

// Reads the Multiboot information structure at `address` (Multiboot 0.6.96, section 3.3) into `info`, whose strings
// point into the loader's. Looks only at the first GiB, which the boot tables map.
//   not_found      the loader gave no memory map
//   malformed      a structure or string is not within the first GiB, or an entry is too short
//   out_of_memory  there are more ranges or modules than BootInfo has room for
Result<void> read_multiboot(PhysicalAddress address, BootInfo& info);

}  // namespace sprat::boot
