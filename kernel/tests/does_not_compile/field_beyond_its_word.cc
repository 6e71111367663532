// expect: field_reaches_beyond_its_word

#include "sprat/fields.hh"

using namespace sprat;

inline constexpr Field high{"high", 6, 4};
BROKEN inline constexpr Layout<std::uint8_t, 1> layout{"bad", {high}};
