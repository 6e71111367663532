// few_slots.hh — a request that only the monitor of this test knows: it keeps its free slots but `left` for itself, until the next
// such request.

#pragma once

#include <cstdint>

namespace sprat {

inline constexpr std::uint64_t kLeaveSlots =
    47;  // no number is also one of Request, ChannelRequest or another one of a part
inline constexpr std::uint64_t kAllSlots = ~std::uint64_t{0};

}  // namespace sprat
