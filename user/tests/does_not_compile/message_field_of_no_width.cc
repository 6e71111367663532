// expect: has_no_width

#include "interfaces/interface.hh"

using namespace sprat;

struct Body { std::uint32_t count; };
BROKEN inline constexpr Notice message{"message", 1, field("count", &Body::count, 0)};
