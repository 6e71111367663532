// expect: this message is too long

#include "interfaces/fragments.hh"

using namespace sprat;

struct Body { Bytes<128 * 56> text; };
inline constexpr Notice message{"message", 1, field("text", &Body::text)};
BROKEN constexpr std::size_t kLines = lines_of<message>();
