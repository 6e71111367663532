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
//@ since cpu-driver
// Registers of devices, uncached, where the image is not: below the address it is loaded at.
inline constexpr VirtualAddress kLocalApicRegisters{SPRAT_KERNEL_BASE};
inline constexpr VirtualAddress kIoApicRegisters{SPRAT_KERNEL_BASE + kPageSize};
//@ end

// The parts of the image by how they may be accessed; the linker script puts them in this order, page-aligned.
struct ImageLayout {
  PhysicalRange text;    // read and execute
  PhysicalRange rodata;  // read
  PhysicalRange data;    // read and write: initialised data, then zeroed data
  PhysicalRange guard;   // one page that is not mapped: a stack that overflows faults here
  PhysicalRange stack;   // read and write

  constexpr PhysicalRange whole() const { return {text.begin, stack.end}; }
};

// Returns the layout of the image that is running.
ImageLayout image_layout();

//@ since cpu-driver
// Each core runs a copy of the image of its own, at the same virtual addresses. Where this core's copy begins: at
// SPRAT_LOAD_ADDRESS on the boot core; elsewhere it is set once, before its first use.
PhysicalAddress image_base();
void set_image_base(PhysicalAddress base);

// From the physical address of a byte of the running image to the virtual one, and back.
VirtualAddress address_in_image(PhysicalAddress byte);
PhysicalAddress physical_in_image(VirtualAddress byte);
//@ end

}  // namespace sprat::memory

#endif
