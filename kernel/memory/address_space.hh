// address_space.hh — building the kernel's own page tables: each byte readable, writable or executable as it
// needs, never writable and executable.

#pragma once

#include <span>

#include "memory/layout.hh"
#include "sprat/result.hh"
#include "x86/page_table.hh"

namespace sprat::memory {

// How a page may be accessed. There is no name for a page that is both writable and executable.
enum class Permissions : std::uint8_t { read, read_write, read_execute };

// Zeroed frames for page tables, for the time before there is an allocator.
class FrameReserve {
 public:
  // `frames` are zeroed tables whose physical addresses follow one another from `first`, page-aligned.
  constexpr FrameReserve(std::span<x86::PageTable> frames, PhysicalAddress first)
      : frames_(frames), first_(first) {}

  // Returns the physical address of a zeroed frame that is in no other use; out_of_memory when all are taken.
  Result<PhysicalAddress> take();

  std::size_t taken() const { return taken_; }

 private:
  std::span<x86::PageTable> frames_;
  PhysicalAddress first_;
  std::size_t taken_ = 0;
};

class AddressSpace {
 public:
  // Tables come from `reserve`. `largest_page_level`: 3 where the processor has 1 GiB pages, else 2.
  AddressSpace(FrameReserve& reserve, unsigned largest_page_level)
      : reserve_(reserve), largest_page_level_(largest_page_level) {}

  // Returns the PML4's address, for CR3; zero while nothing has been mapped.
  PhysicalAddress root() const { return root_; }

  // Maps the bytes of `memory` at `address`, with pages as large as alignment and size allow (up to
  // `largest_page_level`), for the kernel only: bit U is clear in every entry. Tables that are missing are taken from
  // the reserve; entries that point to tables allow writing and executing, so that the last entry alone decides. An
  // empty range, one whose end is below its begin included, maps nothing. It is the caller's part that `address` is
  // canonical, that the mapping stays within its half of the address space, and that `memory` ends below 2^52.
  //   misaligned      `address` or an end of `memory` is not a multiple of 4 KiB
  //   already_mapped  something is mapped in the way; the pages before that one stay mapped
  //   out_of_memory   the reserve is empty; the pages before that one stay mapped
  Result<void> map(VirtualAddress address, PhysicalRange memory, Permissions permissions);

 private:
  FrameReserve& reserve_;
  unsigned largest_page_level_;
  PhysicalAddress root_;
};

// Maps the memory that a kernel needs, and no other, into `space`:
//   image parts     at kKernelBase + physical address, each with its own permissions; the guard page not at all
//   the window      all of [0, memory_end) at kWindowBase; frames of text and rodata read only there too, so
//                   that no frame can be written under one name and executed under another
// `memory_end` is a multiple of 4 KiB at or above the end of the image. Errors are those of `map`.
Result<void> map_kernel(AddressSpace& space, const ImageLayout& image, PhysicalAddress memory_end);

//@ since cpu-driver
// ---- changes to the kernel's tables after that (kernel_tables.cc)

// Returns the entry at `level` (1..4) that translates `address` in the tables below `root`, or null: a table on the way
// is missing, or a larger page is there. Visits 4 - level tables.
x86::PageEntry* find_entry(PhysicalAddress root, VirtualAddress address, unsigned level);

// Maps the page of device registers at `registers` (page-aligned) to `address`, one of those in memory/layout.hh,
// uncached, in the tables below `root`.
void map_device(PhysicalAddress root, VirtualAddress address, PhysicalAddress registers);

// Takes `memory`, which is below 4 GiB, out of the window of this core. Both ends are multiples of 2 MiB and
// the window maps it by pages of 2 MiB or larger; a page of 1 GiB is split first. Visits one entry for each 2 MiB.
void drop_from_window(PhysicalRange memory);
//@ end
//@ since monitor

// Shows `memory`, which is below 4 GiB and not in the window, there. Both ends are multiples of 2 MiB. Visits one entry for each 2 MiB.
void add_to_window(PhysicalRange memory);
//@ end

}  // namespace sprat::memory
