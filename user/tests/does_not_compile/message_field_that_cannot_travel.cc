// expect: no matching

#include "interfaces/interface.hh"

using namespace sprat;

struct Body { const char* text; };
BROKEN inline constexpr Notice message{"message", 1, field("text", &Body::text)};
