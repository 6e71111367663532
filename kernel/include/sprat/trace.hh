// trace.hh — events for the emulator's plugin (make trace). No code at all, unless the build has TRACE=1.
//
// An event is a long NOP that carries a number, as in region.hh, and a load from the event's object: the plugin sees
// the address of the first memory access after the NOP.

#pragma once

#include <cstdint>

namespace sprat {

enum class Event : std::uint16_t {
  send = 1,   // a line is about to be written
  receive,    // a line is new and about to be read
  announce,   // in the status line: this side is going to sleep
  withdraw,   // the same word: awake again
  ring,       // the doorbell of a dispatcher, on another core or this one
  interrupt,  // a doorbell was heard
  switch_to,  // a dispatcher is going to run
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

}  // namespace sprat
