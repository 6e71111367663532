// kernel_tables.hh — changes to the kernel's half of the address space after memory/address_space.hh has built it.

#pragma once

#include "memory/layout.hh"
#include "sprat/address.hh"
#include "x86/page_table.hh"

namespace sprat::memory {

// Returns the entry at `level` (1..4) that translates `address` in the tables below `root`, or null: a table on the way
// is missing, or a larger page is there. Visits 4 - level tables.
x86::PageEntry* find_entry(PhysicalAddress root, VirtualAddress address, unsigned level);

// Maps the page of device registers at `registers` (page-aligned) to `address`, one of those in memory/layout.hh,
// uncached, in the tables below `root`.
void map_device(PhysicalAddress root, VirtualAddress address, PhysicalAddress registers);

// Takes `memory`, which is below 4 GiB, out of the window of this core. Both ends are multiples of 2 MiB and
// the window maps it by pages of 2 MiB or larger; a page of 1 GiB is split first. Visits one entry for each 2 MiB.
void drop_from_window(PhysicalRange memory);
//@ since monitor

// Shows `memory`, which was taken out of the window, there again. Visits one entry for each 2 MiB.
void add_to_window(PhysicalRange memory);
//@ end

}  // namespace sprat::memory
