// expect: interface_without_a_name

#include "interfaces/interface.hh"

using namespace sprat;

inline constexpr Notice notice{"notice", 1};
BROKEN inline constexpr Interface<notice> interface{""};
