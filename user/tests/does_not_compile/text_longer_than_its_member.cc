// expect: no matching

#include "interfaces/bytes.hh"

using namespace sprat;

BROKEN constexpr Bytes<3> text{"four"};
