// expect: only_the_last_field_may_have_any_length

#include "interfaces/interface.hh"

using namespace sprat;

struct Body { Bytes<8> text; bool is_last; };
BROKEN inline constexpr Notice message{"message", 1, field("text", &Body::text), field("is-last", &Body::is_last)};
