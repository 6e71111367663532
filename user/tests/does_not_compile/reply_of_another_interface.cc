// expect: reply_is_not_in_this_interface

#include "interfaces/interface.hh"

using namespace sprat;

inline constexpr Reply done{"done", 1};
inline constexpr Rpc work{"work", 2, done};
BROKEN inline constexpr Interface<work> interface{"bad"};
