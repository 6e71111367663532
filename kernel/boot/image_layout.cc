// image_layout.cc — the linker script's symbols as ranges.

#include "boot/layout.hh"

namespace sprat::boot {
namespace {

extern "C" const char text_begin[], text_end[], rodata_end[], data_end[], stack_begin[],
    stack_end[];

PhysicalAddress physical(const char* symbol) {
  return PhysicalAddress(VirtualAddress(reinterpret_cast<std::uint64_t>(symbol)) - kKernelBase);
}

}  // namespace

ImageLayout image_layout() {
  return {.text = {physical(text_begin), physical(text_end)},
          .rodata = {physical(text_end), physical(rodata_end)},
          .data = {physical(rodata_end), physical(data_end)},
          .guard = {physical(data_end), physical(stack_begin)},
          .stack = {physical(stack_begin), physical(stack_end)}};
}

}  // namespace sprat::boot
