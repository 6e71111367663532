// first_process.hh — the first process of this core, its monitor, made by the same operations on capabilities that processes use.

#pragma once

#include "boot/boot_info.hh"
#include "sprat/first_process.hh"

namespace sprat::dispatch {

// The memory that becomes the monitor's.
struct FirstProcessMemory {
  std::span<const PhysicalRange> ram;  // page-aligned and disjoint, at most kMaxRamRegions
  std::span<const boot::Module>
      modules;  // each begins at a multiple of 4 KiB, and shares no page; at most kMaxModules
  PhysicalRange devices{};
};

// Makes the monitor from the module whose command line begins with the word `monitor`, gives it all resources
// (sprat/first_process.hh lists the slots), and lets it run. It can read `information`, whose lists of RAM and modules, empty
// before, are filled here. Returns only if there is no such module. Panics if that is no ELF file it can run, or memory does not
// suffice. Once per core, on the kernel's own page tables.
void run_first_process(FirstProcess& information, const FirstProcessMemory& memory);

struct Dispatcher;

// Prints that the first process of this core was stopped, where and why, if `dispatcher` is its own; ends the run as
// failed if the core is the first one. The processes of another core run on, without the services of their first
// process.
void report_if_first(const Dispatcher& dispatcher);

}  // namespace sprat::dispatch
