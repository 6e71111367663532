// kernel_tables.cc — single entries, found by walking down.

#include "boot/kernel_tables.hh"

#include "boot/window.hh"
#include "debug/panic.hh"
#include "x86/cpu.hh"

namespace sprat::boot {

using x86::PageEntry;
using x86::PageTable;

PageEntry* find_entry(PhysicalAddress root, VirtualAddress address, unsigned level) {
  PhysicalAddress table = root;
  for (unsigned upper = x86::kRootLevel; upper > level; --upper) {
    const PageEntry entry = (*window<PageTable>(table))[x86::entry_index(address, upper)];
    if (!entry.get<x86::page_entry::present>() || entry.get<x86::page_entry::large>())
      return nullptr;
    table = x86::target_of(entry);
  }
  return &(*window<PageTable>(table))[x86::entry_index(address, level)];
}

void map_device(PhysicalAddress root, VirtualAddress address, PhysicalAddress registers) {
  PageEntry* const entry = find_entry(root, address, 1);
  if (entry == nullptr) debug::panic("there is no page table for the registers at {}", address);
  *entry = PageEntry()
               .with<x86::page_entry::present>()
               .with<x86::page_entry::writable>()
               .with<x86::page_entry::write_through>()
               .with<x86::page_entry::cache_disable>()
               .with<x86::page_entry::no_execute>()
               .with<x86::page_entry::frame>(registers.value() / kPageSize);
}

void drop_from_window(PhysicalRange memory) {
  for (PhysicalAddress page = memory.begin; page < memory.end; page = page + kLargePageSize) {
    PageEntry* const entry = find_entry(x86::read_cr3(), kWindowBase + page.value(), 2);
    if (entry == nullptr || !entry->get<x86::page_entry::large>()) {
      debug::panic("the window does not show {} by a page of 2 MiB", page);
    }
    *entry = PageEntry();
  }
  x86::write_cr3(x86::read_cr3());
}

}  // namespace sprat::boot
