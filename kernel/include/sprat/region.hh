// region.hh — marks a stretch of code for measurement from outside.
//
// A marker is a long NOP that carries a number: it does nothing on any machine, and the emulator's plugin
// (grading/scope) counts instructions and cache-line transfers between the two markers of a region.

#pragma once

#include <cstddef>
#include <cstdint>

namespace sprat {

enum class Region : std::uint16_t {
  boot_to_banner =
      1,  // from the loader's jump to the first line on the console; begins in boot/entry.S
  //@ since cpu-driver
  boot_to_prompt = 16,  // from there to the shell's first prompt
  // Operations of the kernel's, one at a time (user/bench).
  null_invocation,
  null_system_call,
  copy,
  remove_copy,
  remove_last,
  retype,
  revoke,
  map,
  unmap,
  map_many,
  unmap_many,
  page_fault,           // up to the first instruction of the upcall
  page_fault_and_back,  // up to the instruction behind the one that faulted
  lrpc_round_trip,
  lrpc_call,        // up to the first instruction of the upcall
  turns_in_place,   // to another dispatcher and back, disabled
  turns_by_upcall,  // the same, enabled
  // The start of one more core (user/monitor).
  pack_core,   // programs are copied into its RAM
  load_core,   // and the CPU driver
  start_core,  // until it runs
  //@ end
  //@ since urpc
  // Messages between two cores; both are inside of a round trip and of a stream (labs/3-urpc/probe/costs.cc).
  urpc_send = 48,
  urpc_receive,
  urpc_sleep,  // from the first look to the last, on the core that waits
  urpc_round_trip,
  urpc_one_way,
  urpc_call,       // a call and its answer, as coroutines have them: on the caller's core
  urpc_fragments,  // a message is cut into lines and put together
  //@ end
};
//@ since cpu-driver
inline constexpr std::size_t kRegions = 64;  // all numbers are lower
//@ end

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
