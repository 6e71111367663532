// backtrace.hh — the functions that have been called and have not returned, from the chain of stack frames.
//
//   higher addresses
//   │ return address  │ ◀─ the call that made this stack frame returns there
//   │ caller's rbp ───┼──▶ the caller's frame, further up
//   ├─────────────────┤ ◀─ rbp
//   │ locals          │

#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace sprat::debug {

// The stack's bytes [begin, end), as addresses.
struct StackBounds {
  std::uint64_t begin;
  std::uint64_t end;
};

// Follows the chain from `frame_pointer` and puts the return addresses, innermost first, into `addresses`. Ends at a
// return address of zero, when `addresses` is full, or at a frame pointer that cannot be one: not a multiple of 8, not with both
// its words inside of `stack`, or not above the one before it. Never reads outside of `stack`, whatever is on it.
// Returns how many addresses it found.
std::size_t backtrace(std::uint64_t frame_pointer, StackBounds stack,
                      std::span<std::uint64_t> addresses);

}  // namespace sprat::debug
