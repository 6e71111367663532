// layout.cc — the linker script's symbols as ranges.

#include "memory/layout.hh"

namespace sprat::memory {
namespace {

extern "C" const char text_begin[], text_end[], rodata_end[], data_end[], stack_begin[],
    stack_end[];

//@ since cpu-driver
constinit std::uint64_t distance_from_boot_core = 0;  // of the physical addresses of the two copies
//@ end

PhysicalAddress physical(const char* symbol) {
  PhysicalAddress address(VirtualAddress(reinterpret_cast<std::uint64_t>(symbol)) - kKernelBase);
  //@ since cpu-driver
  address = address + distance_from_boot_core;
  //@ end
  return address;
}

}  // namespace

ImageLayout image_layout() {
  return {.text = {physical(text_begin), physical(text_end)},
          .rodata = {physical(text_end), physical(rodata_end)},
          .data = {physical(rodata_end), physical(data_end)},
          .guard = {physical(data_end), physical(stack_begin)},
          .stack = {physical(stack_begin), physical(stack_end)}};
}

//@ since cpu-driver
PhysicalAddress image_base() { return physical(text_begin); }

void set_image_base(PhysicalAddress base) {
  distance_from_boot_core = base - PhysicalAddress(SPRAT_LOAD_ADDRESS);
}

VirtualAddress address_in_image(PhysicalAddress byte) {
  return kKernelBase + SPRAT_LOAD_ADDRESS + (byte - image_base());
}

PhysicalAddress physical_in_image(VirtualAddress byte) {
  return PhysicalAddress(byte - kKernelBase) + distance_from_boot_core;
}
//@ end

}  // namespace sprat::memory
