// backtrace.hh — the functions that have been called and have not returned: their addresses, from the chain of stack frames,
// and their names, from the table that the build appends to the image.
//
//   higher addresses
//   │ return address  │ ◀─ the call that made this stack frame returns there
//   │ caller's rbp ───┼──▶ the caller's frame, further up
//   ├─────────────────┤ ◀─ rbp
//   │ locals          │

#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

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

// One function; the build writes these, sorted by address (kernel/debug/symbol_table.awk).
struct Symbol {
  std::uint64_t address;  // of its first byte
  const char* name;       // as a person writes it: sprat::memory::map_kernel
};

// A place in a function.
struct Place {
  std::string_view function;
  std::uint64_t offset;  // bytes from the function's first
};

// Returns the function that a call returning to `return_address` was made from: the last symbol at or below the call,
// which ends just before that address. Nothing when `return_address` is at or below the first symbol. `symbols` is
// sorted by address; costs log2(symbols.size()) steps.
std::optional<Place> find_caller(std::span<const Symbol> symbols, std::uint64_t return_address);

}  // namespace sprat::debug
