// kernel_tables.cc — changes to the kernel's tables: single entries, found by walking down.

#include "debug/panic.hh"
#include "memory/address_space.hh"
#include "memory/window.hh"
#include "x86/cpu.hh"

namespace sprat::memory {

using x86::PageEntry;
using x86::PageTable;

namespace {

// Below 4 GiB there are four pages of 1 GiB to split, or to begin with.
alignas(kPageSize) constinit std::array<PageTable, 4> spare_tables{};
constinit std::size_t spare_tables_used = 0;

PageTable& spare_table() {
  if (spare_tables_used == spare_tables.size()) debug::panic("no table for 1 GiB of the window");
  return spare_tables[spare_tables_used++];
}

PageEntry entry_of(const PageTable& table) {
  const PhysicalAddress frame =
      physical_in_image(VirtualAddress(reinterpret_cast<std::uint64_t>(table.data())));
  return PageEntry()
      .with<x86::page_entry::present>()
      .with<x86::page_entry::writable>()
      .with<x86::page_entry::frame>(frame.value() / kPageSize);
}

// Replaces the page of 1 GiB that `huge` maps by a table of pages of 2 MiB that allow the same.
void split(PageEntry& huge) {
  PageTable& table = spare_table();
  for (std::size_t i = 0; i < table.size(); ++i) {
    table[i] = huge.with<x86::page_entry::frame>(huge.get<x86::page_entry::frame>() +
                                                 i * (kLargePageSize / kPageSize));
  }
  huge = entry_of(table);
}

bool is_page(const PageEntry* entry) {
  return entry != nullptr && entry->get<x86::page_entry::present>() &&
         entry->get<x86::page_entry::large>();
}

}  // namespace

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
  const PhysicalAddress root = x86::read_cr3();
  for (PhysicalAddress page = memory.begin; page < memory.end; page = page + kLargePageSize) {
    const VirtualAddress address = kWindowBase + page.value();
    PageEntry* const huge = find_entry(root, address, 3);
    if (is_page(huge)) split(*huge);
    PageEntry* const entry = find_entry(root, address, 2);
    if (!is_page(entry)) debug::panic("the window does not show {} by a page of 2 MiB", page);
    *entry = PageEntry();
  }
  x86::write_cr3(root);
}
//@ since monitor

void add_to_window(PhysicalRange memory) {
  const PhysicalAddress root = x86::read_cr3();
  for (PhysicalAddress page = memory.begin; page < memory.end; page = page + kLargePageSize) {
    const VirtualAddress address = kWindowBase + page.value();
    PageEntry& giga = *find_entry(root, address, 3);
    if (!giga.get<x86::page_entry::present>()) giga = entry_of(spare_table());
    *find_entry(root, address, 2) = PageEntry()
                                        .with<x86::page_entry::present>()
                                        .with<x86::page_entry::writable>()
                                        .with<x86::page_entry::large>()
                                        .with<x86::page_entry::no_execute>()
                                        .with<x86::page_entry::frame>(page.value() / kPageSize);
  }
}
//@ end

}  // namespace sprat::memory
