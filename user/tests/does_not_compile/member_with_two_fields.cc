// expect: member_with_two_fields

#include "interfaces/interface.hh"

using namespace sprat;

struct Body { std::uint32_t count, forgotten; };
BROKEN inline constexpr Notice message{"message", 1, field("count", &Body::count), field("again", &Body::count)};
