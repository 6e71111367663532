// kernel_space.hh — checks a kernel's address space.

#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "lab/page_walk.hh"

namespace lab {

inline constexpr std::uint64_t kKernelBase = 0xffffffff80000000;
inline constexpr std::uint64_t kWindowBase = 0xffff800000000000;

// Physical addresses: where text begins, and where text, rodata, data, guard page and stack end, in this order.
struct ImageParts {
  std::uint64_t text_begin, text_end, rodata_end, data_end, guard_end, stack_end;
};

// Returns the first error of `map` as the address space of a kernel with that image and `memory_end` bytes of memory: a
// byte range that is not mapped as memory/address_space.hh promises. Empty strings: there is none.
struct Difference {
  std::string expected;
  std::string came;
};
Difference compare_kernel_space(const AddressSpaceMap& map, const ImageParts& image,
                                std::uint64_t memory_end);

}  // namespace lab
