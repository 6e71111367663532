// page_table.hh — page-table entries and the shape of the four-level tree they form.
//
// Source: Intel SDM volume 3A, section 4.5, "4-level paging".

#pragma once

#include "sprat/address.hh"
#include "sprat/fields.hh"

namespace sprat::x86 {

namespace page_entry {
inline constexpr Field present{"P", 0, 1};
inline constexpr Field writable{"W", 1, 1};
inline constexpr Field user{"U", 2, 1};
inline constexpr Field write_through{"PWT", 3, 1};
inline constexpr Field cache_disable{"PCD", 4, 1};
inline constexpr Field accessed{"A", 5, 1};
inline constexpr Field dirty{"D", 6, 1};
inline constexpr Field large{"PS", 7, 1};  // levels 3 and 2: this entry maps a page, not a table
inline constexpr Field global{"G", 8, 1};
inline constexpr Field frame{"frame", 12, 40};  // physical address / 4096
inline constexpr Field no_execute{"NX", 63, 1};
inline constexpr Layout<std::uint64_t, 11> layout{
    "page-table entry",
    {present, writable, user, write_through, cache_disable, accessed, dirty, large, global, frame,
     no_execute}};
}  // namespace page_entry

using PageEntry = Bits<page_entry::layout>;

// Returns where an entry points: to a page, or to the next lower table.
constexpr PhysicalAddress target_of(PageEntry entry) {
  return PhysicalAddress(entry.get<page_entry::frame>() * kPageSize);
}

inline constexpr std::size_t kEntriesPerTable = 512;

using PageTable = std::array<PageEntry, kEntriesPerTable>;
static_assert(sizeof(PageTable) == kPageSize);

// Levels are counted as the manual's figures count them: 4 is the PML4, 1 the table of 4 KiB pages.
inline constexpr unsigned kRootLevel = 4;

// Bytes that one entry of a table at `level` (1..4) covers: 4 KiB, 2 MiB, 1 GiB, 512 GiB.
constexpr std::uint64_t entry_size(unsigned level) { return kPageSize << (9 * (level - 1)); }

// Which entry of a table at `level` (1..4) translates `address`.
constexpr std::size_t entry_index(VirtualAddress address, unsigned level) {
  return (address.value() >> (12 + 9 * (level - 1))) % kEntriesPerTable;
}

}  // namespace sprat::x86
