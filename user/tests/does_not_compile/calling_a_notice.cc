// expect: only an Rpc can be called

#include "interfaces/echo.hh"
#include "interfaces/peer.hh"
#include "tests/network/network.hh"

using namespace sprat;

void test(Peer<echo::interface, network::End<>>& peer) {
BROKEN static_cast<void>(peer.call<echo::note>({"hello"}));
}
