// expect: fields_overlap

#include "sprat/fields.hh"

using namespace sprat;

inline constexpr Field low{"low", 0, 4};
inline constexpr Field high{"high", 3, 4};
BROKEN inline constexpr Layout<std::uint8_t, 2> layout{"bad", {low, high}};
