// expect: needs one handler

#include "interfaces/peer.hh"
#include "tests/network/network.hh"

using namespace sprat;

inline constexpr Reply done{"done", 1};
inline constexpr Rpc work{"work", 2, done};
inline constexpr Notice stop{"stop", 3};
inline constexpr Interface<done, work, stop> interface {
  "works"
};
void ignore(const Nothing&) {}
Result<Nothing> do_it(const Nothing&) { return Nothing(); }
Task<> test(network::End<>& end) {
  static_cast<void>(do_it);
BROKEN  co_return co_await handle_calls<interface>(end, on<stop>(ignore));
  co_return co_await handle_calls<interface>(end, on<stop>(ignore), on<work>(do_it));
}
