// expect: field_reaches_beyond_its_word

#include "sprat/fields.hh"

using namespace sprat;

inline constexpr Field none{"none", 6, 0};
BROKEN inline constexpr Layout<std::uint8_t, 1> layout{"bad", {none}};
