// region.hh — marks a stretch of code for whoever watches from outside.
//
// A marker is a long NOP that carries a number: it does nothing on any machine, and the emulator's plugin
// (grading/scope) counts instructions and cache-line transfers between the two markers of a region.

#pragma once

#include <cstdint>

namespace sprat {

enum class Region : std::uint16_t {
  boot_to_banner =
      1,  // from the loader's jump to the first line on the console; begins in boot/entry.S
};

template <Region kRegion>
[[gnu::always_inline]] inline void region_begin() {
  asm volatile(".byte 0x0f, 0x1f, 0x80; .word %c0; .byte 0x5e, 0x5a" : : "i"(kRegion) : "memory");
}

template <Region kRegion>
[[gnu::always_inline]] inline void region_end() {
  asm volatile(".byte 0x0f, 0x1f, 0x80; .word %c0 | 0x8000; .byte 0x5e, 0x5a"
               :
               : "i"(kRegion)
               : "memory");
}

}  // namespace sprat
