// expect: message_number_is_reserved

#include "interfaces/interface.hh"

using namespace sprat;

inline constexpr Notice last{"last", 255};
BROKEN inline constexpr Interface<last> interface{"bad"};
