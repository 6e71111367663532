// expect: message_number_is_reserved

#include "interfaces/interface.hh"

using namespace sprat;

BROKEN inline constexpr Notice large{"large", 256};
