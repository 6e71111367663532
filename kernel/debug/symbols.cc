// symbols.cc — finding the name of the code at an address.

#include "debug/symbols.hh"

#include <algorithm>

namespace sprat::debug {

std::optional<Place> find_caller(std::span<const Symbol> symbols, std::uint64_t return_address) {
  //@ lab boot.4c: return std::nullopt;
  const auto after = std::ranges::lower_bound(symbols, return_address, {}, &Symbol::address);
  if (after == symbols.begin()) return std::nullopt;
  const Symbol& symbol = *std::prev(after);
  return Place{symbol.name, return_address - symbol.address};
  //@ end
}

}  // namespace sprat::debug
