// region.hh — marks in the code for the emulator's plugin: a stretch that is measured from outside.
//
// A marker is a long NOP that carries a number: it does nothing on any machine, and the emulator's plugin
// (grading/scope) counts instructions and cache-line transfers between the two markers of a region.

#pragma once

#include <cstddef>
#include <cstdint>

namespace sprat {

enum class Region : std::uint16_t {
  // From the loader's jump to the first line on the console; begins in boot/entry.S.
  boot_to_banner = 1,
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
  //@ since monitor
  limit_page,  // of a spanning process (user/bench-span): on the home
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

//@ since urpc
// ---- events: messages, wake-ups and turns, for pictures (make trace). No code at all, unless the build has TRACE=1.
//
// An event is such a marker, and a load from the event's object: the plugin sees the address of the first memory access after it.

enum class Event : std::uint16_t {
  send = 1,   // a line is about to be written
  receive,    // a line is new and about to be read
  announce,   // in the status line: this side is going to sleep
  withdraw,   // the same word: awake again
  ring,       // the doorbell of a dispatcher, on another core or this one
  interrupt,  // a doorbell was heard
  switch_to,  // a dispatcher is going to run
  begin,      // of the part that the picture shows; without it, the picture shows all messages
  end,        // the same
};

#ifdef SPRAT_TRACE
inline constexpr bool kTraces = true;
#else
inline constexpr bool kTraces = false;
#endif

template <Event kEvent>
[[gnu::always_inline]] inline void trace(const void* what) {
  if constexpr (kTraces) {
    asm volatile(".byte 0x0f, 0x1f, 0x80; .word %c0 | 0x4000; .byte 0x5e, 0x5a; testb $0, %1"
                 :
                 : "i"(kEvent), "m"(*static_cast<const char*>(what))
                 : "cc", "memory");
  }
}
//@ end

}  // namespace sprat
