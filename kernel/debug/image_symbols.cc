// image_symbols.cc — where the build put the symbol table of this image.

#include "debug/symbols.hh"

namespace sprat::debug {

extern "C" {
// Defined by the generated symbols.S. Weak: the first of the two links has none.
[[gnu::weak]] extern const Symbol symbol_table_begin[];
[[gnu::weak]] extern const Symbol symbol_table_end[];
}

std::span<const Symbol> image_symbols() { return {symbol_table_begin, symbol_table_end}; }

}  // namespace sprat::debug
