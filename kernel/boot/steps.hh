// steps.hh — the steps of main.cc, in their order: from the loader's information to memory of the kernel's own, and on to the
// first process. A step that cannot be done panics with the numbers.

#pragma once

#include "boot/boot_info.hh"
#include "boot/command_line.hh"
#include "memory/layout.hh"

namespace sprat::boot {

// read_multiboot, with a panic that says the remedy if the loader's information cannot be used.
void read_loader(std::uint64_t address, BootInfo& info);

// Obeys the words of the command line and reports unknown ones.
void apply(const CommandLine& command_line);

// Leaves the boot tables for tables in which every part of the image has its own permissions.
void enter_address_space(const BootInfo& info, const memory::ImageLayout& image);

// Returns the memory that is free: without the image and without the loader's structures.
memory::MemoryMap free_memory(const BootInfo& info, const memory::ImageLayout& image);

// Prints the loader's list of memory, the free regions, the image and the modules, with a checksum each; with log=quiet, nothing.
void report(const BootInfo& info, const memory::MemoryMap& memory,
            const memory::ImageLayout& image);

struct MemoryTest {
  std::uint64_t pages = 0;
  std::uint64_t faults = 0;
  // A word that was written and came back different.
  struct {
    PhysicalAddress address;
    std::uint64_t written = 0, read = 0;
  } first_fault{};
};

// Is free memory really memory, and is each page there only once? Writes words derived from `seed` and their own
// address over all regions first and reads all of them back then, so that a page that answers at two addresses is
// noticed. `words_per_page`: 1..512, spread evenly; costs two memory accesses each. The contents are lost.
MemoryTest write_and_read_back(const memory::MemoryMap& map, std::uint64_t seed,
                               unsigned words_per_page);

// The same with two words of each free page. So memory is never zero by chance, in tests as well.
void test_memory(const memory::MemoryMap& memory);

}  // namespace sprat::boot
//@ since cpu-driver

// The steps from there to the first process: defined above this folder (cores.cc).
namespace sprat {

// Reads the firmware's tables of processors and interrupt controllers. Without them there is one core and no line.
void read_machine(const boot::BootInfo& info);

// Makes this core's interrupt controllers and timer ready, and lets it start the other cores.
void initialise_interrupts();

// Makes the first process, if the loader brought one; then it runs, and the call does not return.
void run_first_process(const boot::BootInfo& info, const memory::MemoryMap& memory);

}  // namespace sprat
//@ end
