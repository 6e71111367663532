// link_pairs.hh — both ends of a conversation in one event loop: by URPC, and by LRPC.

#pragma once

#include "lib/channel.hh"
#include "lib/lrpc_link.hh"
#include "lib/upcalls.hh"
#include "user/tests/fake_process.hh"

namespace sprat {

struct ChannelPair {
  static constexpr std::size_t kSlots = 8;

  explicit ChannelPair(EventLoop& loop) {
    first.open(loop, urpc::view_of(frame, urpc::Side::first).value(), {});
    second.open(loop, urpc::view_of(frame, urpc::Side::second).value(), {});
  }
  // Marks `second` as gone, as its monitor does when its process has ended.
  void let_second_go() { urpc::leave(frame[1]); }

  std::array<urpc::Line, urpc::frame_lines(kSlots)> frame{};
  Channel first, second;
};

struct LrpcPair {
  explicit LrpcPair(EventLoop& loop) {
    LrpcLink::expect_lines();
    first.open(loop, kFirst, CapAddress(kSecond), status_lines[1]);
    second.open(loop, kSecond, CapAddress(kFirst), status_lines[0]);
  }
  void let_second_go() {
    second.close();
    urpc::leave(status_lines[1]);
    fake::notify(kSignalled);
  }

  static constexpr std::uint32_t kFirst = 3, kSecond = 5;
  std::array<urpc::Line, 2> status_lines{};
  LrpcLink first, second;
};

}  // namespace sprat
