// expect: messages_with_the_same_name

#include "interfaces/interface.hh"

using namespace sprat;

inline constexpr Notice one{"one", 1};
inline constexpr Notice other{"one", 2};
BROKEN inline constexpr Interface<one, other> interface{"bad"};
