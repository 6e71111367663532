// layout.hh — where things are: the virtual addresses every kernel uses, for C++, assembly and linker script.

#pragma once

// The kernel is linked at kKernelBase + its physical address, in the top 2 GiB.
#define SPRAT_KERNEL_BASE 0xffffffff80000000
// All physical memory is also visible here, at kWindowBase + physical address.
#define SPRAT_WINDOW_BASE 0xffff800000000000
// Physical address of the image's first byte.
#define SPRAT_LOAD_ADDRESS 0x100000
//@ since cpu-driver
// Two pages of low memory, by which another core is started: where it begins in real mode, in a copy of trampoline.S (below
// 1 MiB, page-aligned); and the word by which it says that it has left it, the only memory that two CPU drivers ever share.
#define SPRAT_TRAMPOLINE 0x8000
#define SPRAT_HANDSHAKE 0x7000
//@ end

#ifndef __ASSEMBLER__

#include "sprat/address.hh"

namespace sprat::memory {

inline constexpr VirtualAddress kKernelBase{SPRAT_KERNEL_BASE};
inline constexpr VirtualAddress kWindowBase{SPRAT_WINDOW_BASE};

// The parts of the image by how they may be accessed; the linker script puts them in this order, page-aligned.
struct ImageLayout {
  PhysicalRange text;    // read and execute
  PhysicalRange rodata;  // read
  PhysicalRange data;    // read and write: initialised data, then zeroed data
  PhysicalRange guard;   // one page that is not mapped: a stack that overflows faults here
  PhysicalRange stack;   // read and write

  constexpr PhysicalRange whole() const { return {text.begin, stack.end}; }
};

//@ since cpu-driver
// Registers of devices, uncached, where the image is not: below the address it is loaded at.
inline constexpr VirtualAddress kLocalApicRegisters{SPRAT_KERNEL_BASE};
inline constexpr VirtualAddress kIoApicRegisters{SPRAT_KERNEL_BASE + kPageSize};

// Each core runs a copy of the image of its own, at the same virtual addresses, so far from the boot core's in physical memory.
inline constinit std::uint64_t distance_from_boot_core = 0;

// Where this core's copy begins: at SPRAT_LOAD_ADDRESS on the boot core; elsewhere it is set once, before its first use.
inline PhysicalAddress image_base() {
  return PhysicalAddress(SPRAT_LOAD_ADDRESS) + distance_from_boot_core;
}
inline void set_image_base(PhysicalAddress base) {
  distance_from_boot_core = base - PhysicalAddress(SPRAT_LOAD_ADDRESS);
}

// Returns the virtual address of a byte of the running image.
inline VirtualAddress address_in_image(PhysicalAddress byte) {
  return kKernelBase + SPRAT_LOAD_ADDRESS + (byte - image_base());
}
//@ end

// Returns the physical address of a byte of the running image.
inline PhysicalAddress physical_in_image(VirtualAddress byte) {
  PhysicalAddress address(byte - kKernelBase);
  //@ since cpu-driver
  address = address + distance_from_boot_core;
  //@ end
  return address;
}

// The linker script's symbols.
extern "C" const char text_begin[], text_end[], rodata_end[], data_end[], stack_begin[],
    stack_end[];

// Returns the layout of the image that is running.
inline ImageLayout image_layout() {
  const auto at = [](const char* symbol) {
    return physical_in_image(VirtualAddress(reinterpret_cast<std::uint64_t>(symbol)));
  };
  return {.text = {at(text_begin), at(text_end)},
          .rodata = {at(text_end), at(rodata_end)},
          .data = {at(rodata_end), at(data_end)},
          .guard = {at(data_end), at(stack_begin)},
          .stack = {at(stack_begin), at(stack_end)}};
}

}  // namespace sprat::memory

#endif
