// expect: too_many_or_no_calls_at_once

#include "interfaces/interface.hh"

using namespace sprat;

inline constexpr Notice notice{"notice", 1};
BROKEN inline constexpr Interface<notice> interface{"bad", 65};
