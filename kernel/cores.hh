// cores.hh — the steps of the boot core from a kernel that knows its memory to the first process.

#pragma once

#include "boot/boot_info.hh"
#include "memory/memory_map.hh"

namespace sprat {

// Reads the firmware's tables of processors and interrupt controllers. Without them there is one core and no line.
void read_machine(const boot::BootInfo& info);

// Makes this core's interrupt controllers and timer ready, and lets it start the other cores.
void initialise_interrupts();

// Makes the first process, if the loader brought one; then it runs, and the call does not return.
void run_first_process(const boot::BootInfo& info, const memory::MemoryMap& memory);

}  // namespace sprat
