// expect: deduction

#include "interfaces/interface.hh"

using namespace sprat;

inline constexpr Notice done{"done", 1};
BROKEN inline constexpr Rpc work{"work", 2, done};
