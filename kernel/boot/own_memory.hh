// own_memory.hh — the steps by which the kernel takes over memory: tables of its own, and a map of the free memory. Each
// panics with the numbers if it cannot be done.

#pragma once

#include "boot/boot_info.hh"
#include "memory/layout.hh"
#include "memory/memory_map.hh"

namespace sprat::boot {

// Leaves the boot tables for tables in which every part of the image has its own permissions.
void enter_address_space(const BootInfo& info, const memory::ImageLayout& image);

// Returns the memory that is free: without the image and without the loader's structures.
memory::MemoryMap free_memory(const BootInfo& info, const memory::ImageLayout& image);

// Writes two words of each free page and reads them back. So memory is never zero by chance, in tests as well.
void test_memory(const memory::MemoryMap& memory);

}  // namespace sprat::boot
