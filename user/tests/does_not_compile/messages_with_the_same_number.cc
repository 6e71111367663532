// expect: messages_with_the_same_number

#include "interfaces/interface.hh"

using namespace sprat;

inline constexpr Notice one{"one", 7};
inline constexpr Notice other{"other", 7};
BROKEN inline constexpr Interface<one, other> interface{"bad"};
