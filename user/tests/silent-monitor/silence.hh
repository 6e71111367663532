// silence.hh — a request that only the monitor of this test knows: it does nothing any more, in one of these ways.

#pragma once

#include <cstdint>

namespace sprat {

inline constexpr std::uint64_t kFallSilent =
    47;  // no number is also one of Request, ChannelRequest or another part's

enum class Silence : std::uint64_t {
  spin,  // it executes one loop for ever
  end,   // it ends, as if by a fault
};

}  // namespace sprat
