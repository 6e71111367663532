// urpc_pair.hh — for tests of rings: a frame, its two ends, and messages that can be told apart.

#pragma once

#include <vector>

#include "tests/seed.hh"
#include "urpc/epoch.hh"
#include "urpc/used_bit.hh"

namespace sprat::test {

struct Frame {
  explicit Frame(std::size_t slots) : lines(urpc::frame_lines(slots)) {}

  urpc::View view(urpc::Side side) { return urpc::view_of(lines, side).value(); }

  std::vector<urpc::Line> lines;
};

template <urpc::End Ring>
struct Pair {
  explicit Pair(std::size_t slots)
      : frame(slots), a(frame.view(urpc::Side::first)), b(frame.view(urpc::Side::second)) {}

  Frame frame;
  Ring a, b;
};

// The message number `number`, different from all others in each of its words.
inline urpc::Message<> message(std::uint64_t number) {
  urpc::Message<> result;
  result.header = static_cast<std::uint32_t>(number * 0x9e3779b1);
  for (std::size_t i = 0; i < urpc::kPayloadWords; ++i)
    result.words[i] = (number * urpc::kPayloadWords + i) * 0x9e3779b97f4a7c15;
  return result;
}

}  // namespace sprat::test
