// expect: field_without_a_name

#include "interfaces/interface.hh"

using namespace sprat;

struct Body { std::uint32_t count; };
BROKEN inline constexpr Notice message{"message", 1, field("", &Body::count)};
