// expect: this interface has no such message

#include "interfaces/echo.hh"
#include "interfaces/peer.hh"
#include "tests/network/network.hh"

using namespace sprat;

inline constexpr Reply done{"done", 1};
inline constexpr Rpc work{"work", 2, done};
void test(Peer<echo::interface, network::End<>>& peer) {
BROKEN static_cast<void>(peer.call<work>({}));
}
