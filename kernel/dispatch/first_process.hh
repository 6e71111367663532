// first_process.hh — the first process of this core, its monitor, made by the same operations on capabilities that processes use.

#pragma once

#include <span>
#include <string_view>

#include "boot/boot_info.hh"
#include "sprat/address.hh"
#include "sprat/first_process.hh"

namespace sprat::dispatch {

struct FirstProcessSource {
  std::uint32_t core_id;
  std::uint32_t apic_id;
  std::uint64_t tsc_hz;
  std::string_view command_line;
  std::span<const PhysicalRange> ram;     // becomes the monitor's; page-aligned and disjoint
  std::span<const boot::Module> modules;  // each begins at a multiple of 4 KiB, and shares no page
  std::span<const FirstProcess::Core> cores;
  //@ since urpc
  std::uint64_t link = 0, link_apic_id = 0;  // for the monitor to know (sprat/first_process.hh)
  //@ end
  PhysicalRange devices;  // becomes the monitor's as well
};

// Makes the monitor from the module whose command line begins with the word `monitor`, and gives it all resources
// (sprat/first_process.hh lists the slots); then it is runnable: `schedule` leads there. Returns false if there is no such
// module. Panics if that is no ELF file it can run, or memory does not suffice. Once per core, on the kernel's own page tables.
bool make_first_process(const FirstProcessSource& source);

struct Dispatcher;

// Prints that the first process of this core was stopped, where and why, if `dispatcher` is its own; ends the run as
// failed if the core is the first one. The processes of another core run on, without the services of their first
// process.
void report_if_first(const Dispatcher& dispatcher);

}  // namespace sprat::dispatch
