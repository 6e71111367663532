// expect: field_is_wider_than_its_member

#include "interfaces/interface.hh"

using namespace sprat;

struct Body { std::uint32_t count; };
BROKEN inline constexpr Notice message{"message", 1, field("count", &Body::count, 33)};
