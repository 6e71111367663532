// expect: only_the_last_field_may_have_any_length

#include "interfaces/interface.hh"

using namespace sprat;

struct Body { Bytes<8> first, second; };
BROKEN inline constexpr Notice message{"message", 1, field("first", &Body::first), field("second", &Body::second)};
