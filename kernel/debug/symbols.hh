// symbols.hh — which function an address belongs to, from the table that the build appends to the image.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace sprat::debug {

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
