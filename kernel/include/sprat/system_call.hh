// system_call.hh — the five system calls, and which register carries what.
//
//              in                                                out
//   rax        SystemCall                                        status: 0, or 1 + Error
//   rdi        invoke: CapAddress | Method << 32                 lrpc: CapAddress of a received capability, or 0
//              lrpc: CapAddress | CapAddress to send << 32
//              reply: CapAddress to send, or 0
//              yield: Yield
//              debug_write: CapAddress | bytes << 32
//   rsi, rdx, r8, r9, r10   five words: arguments                five words: results
//   rcx, r11   —                                                 destroyed
//
// All other registers keep their values. The instruction is SYSCALL.

#pragma once

#include "sprat/capability.hh"
#include "sprat/result.hh"

namespace sprat {

enum class SystemCall : std::uint64_t {
  invoke,  // ask the object that a capability names for a Method
  yield,   // let others run
  lrpc,    // call the dispatcher that an endpoint names, and wait for its reply
  reply,   // answer the call that is being handled, and end this upcall
  debug_write,  // print the first 0 to 40 bytes of the words on the console of a kernel (kMayPrint); see below
};

// The kernel does not wait for the console: debug_write answers how many bytes were printed (rsi), or `again` if none was, while
// another core's line is unfinished or the serial line is busy. A line is unfinished after 40 bytes that do not end it.

enum class Yield : std::uint64_t {
  stay,  // run again when the others had their turn
  wait,  // block: run again when a notification is pending, at once if one is
};

inline constexpr std::size_t kMessageWords = 5;
using Words = std::array<std::uint64_t, kMessageWords>;

// First address that is not the user's. Nothing is ever mapped in the page below (a SYSCALL there would return to a
// non-canonical address).
inline constexpr VirtualAddress kUserEnd{0x0000'7fff'ffff'f000};

constexpr std::uint64_t status_of(Error error) { return 1 + static_cast<std::uint64_t>(error); }
inline constexpr std::uint64_t kStatusOk = 0;

}  // namespace sprat
