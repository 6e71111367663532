// expect: deduction

#include "interfaces/interface.hh"

using namespace sprat;

struct Body { std::uint32_t count; };
struct Other { std::uint32_t count; };
BROKEN inline constexpr Notice message{"message", 1, field("count", &Body::count), field("other", &Other::count)};
