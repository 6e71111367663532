// channel_pair.hh — a frame in memory, and a channel at each side of it, in one event loop.

#pragma once

#include "lib/channel.hh"

namespace sprat {

struct ChannelPair {
  static constexpr std::size_t kSlots = 8;

  explicit ChannelPair(EventLoop& loop) {
    first.open(loop, urpc::view_of(frame, urpc::Side::first).value(), {});
    second.open(loop, urpc::view_of(frame, urpc::Side::second).value(), {});
  }
  std::array<urpc::Line, urpc::frame_lines(kSlots)> frame{};
  Channel first, second;
};

}  // namespace sprat
