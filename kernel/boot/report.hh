// report.hh — the steps of bringing a core up that talk to a person.

#pragma once

#include "boot/boot_info.hh"
#include "boot/command_line.hh"
#include "memory/layout.hh"
#include "memory/memory_map.hh"

namespace sprat::boot {

// read_multiboot, with a panic that says the remedy if the loader's information cannot be used.
void read_loader(std::uint64_t address, BootInfo& info);

// Obeys the words of the command line and reports unknown ones.
void apply(const CommandLine& command_line);

// Prints the loader's list of memory, the free regions, the image and the modules, with a checksum each; with log=quiet, nothing.
void report(const BootInfo& info, const memory::MemoryMap& memory,
            const memory::ImageLayout& image);

}  // namespace sprat::boot
