// expect: message_without_a_name

#include "interfaces/interface.hh"

using namespace sprat;

BROKEN inline constexpr Notice nameless{"", 1};
