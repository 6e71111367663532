// address_space.cc — the four-level tree: walk down to the entry, making tables on the way, and fill it in.

#include "memory/address_space.hh"

#include "memory/window.hh"

namespace sprat::memory {

using x86::PageEntry;
using x86::PageTable;

Result<PhysicalAddress> FrameReserve::take() {
  if (taken_ == frames_.size()) return Error::out_of_memory;
  return first_ + kPageSize * taken_++;
}

//@ lab boot.2b: // Helpers of your own go here.
namespace {

PageEntry entry_for(PhysicalAddress target) {
  return PageEntry().with<x86::page_entry::present>().with<x86::page_entry::frame>(target.value() /
                                                                                   kPageSize);
}

PageEntry page_entry_for(PhysicalAddress page, unsigned level, Permissions permissions) {
  return entry_for(page)
      .with<x86::page_entry::writable>(permissions == Permissions::read_write)
      .with<x86::page_entry::no_execute>(permissions != Permissions::read_execute)
      .with<x86::page_entry::large>(level > 1);
}

// The level of the largest page that fits at `address` and `frame` and into `bytes`.
unsigned page_level(VirtualAddress address, PhysicalAddress frame, std::uint64_t bytes,
                    unsigned largest) {
  unsigned level = largest;
  while (level > 1 &&
         (!address.is_aligned(x86::entry_size(level)) ||
          !frame.is_aligned(x86::entry_size(level)) || bytes < x86::entry_size(level))) {
    --level;
  }
  return level;
}

// The entry for `address` in the table at `level` below `root`; tables that are missing are made.
Result<PageEntry*> descend(PhysicalAddress root, VirtualAddress address, unsigned level,
                           FrameReserve& reserve) {
  PhysicalAddress table = root;
  for (unsigned upper = x86::kRootLevel; upper > level; --upper) {
    PageEntry& entry = (*window<PageTable>(table))[x86::entry_index(address, upper)];
    if (!entry.get<x86::page_entry::present>()) {
      const auto frame = TRY(reserve.take());
      entry = entry_for(frame).with<x86::page_entry::writable>();
    } else if (entry.get<x86::page_entry::large>()) {
      return Error::already_mapped;
    }
    table = x86::target_of(entry);
  }
  return &(*window<PageTable>(table))[x86::entry_index(address, level)];
}

}  // namespace
//@ end

Result<void> AddressSpace::map(VirtualAddress address, PhysicalRange memory,
                               Permissions permissions) {
  //@ lab boot.2c: return Error::not_implemented;
  if (!address.is_aligned(kPageSize) || !memory.begin.is_aligned(kPageSize) ||
      !memory.end.is_aligned(kPageSize)) {
    return Error::misaligned;
  }
  if (root_ == PhysicalAddress()) {
    root_ = TRY(reserve_.take());
  }
  while (memory.size() > 0) {
    const unsigned level = page_level(address, memory.begin, memory.size(), largest_page_level_);
    const auto entry = TRY(descend(root_, address, level, reserve_));
    if (entry->get<x86::page_entry::present>()) return Error::already_mapped;
    *entry = page_entry_for(memory.begin, level, permissions);
    address = address + x86::entry_size(level);
    memory.begin = memory.begin + x86::entry_size(level);
  }
  return {};
  //@ end
}

Result<void> map_kernel(AddressSpace& space, const ImageLayout& image, PhysicalAddress memory_end) {
  //@ lab boot.2d: return Error::not_implemented;
  const struct {
    VirtualAddress base;
    PhysicalRange memory;
    Permissions permissions;
  } parts[] = {
      {kKernelBase, image.text, Permissions::read_execute},
      {kKernelBase, image.rodata, Permissions::read},
      {kKernelBase, image.data, Permissions::read_write},
      {kKernelBase, image.stack, Permissions::read_write},
      {kWindowBase, {PhysicalAddress(0), image.text.begin}, Permissions::read_write},
      {kWindowBase, {image.text.begin, image.rodata.end}, Permissions::read},
      {kWindowBase, {image.rodata.end, memory_end}, Permissions::read_write},
  };
  for (const auto& part : parts) {
    const VirtualAddress address = part.base + part.memory.begin.value();
    TRY(space.map(address, part.memory, part.permissions));
  }
  return {};
  //@ end
}

}  // namespace sprat::memory
