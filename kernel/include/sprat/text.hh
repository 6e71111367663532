// text.hh — parts of a text. The library's own substr() reports a bad position by functions that a kernel does not have.

#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace sprat {

// Returns the `count` characters of `text` from position `begin` on; fewer, or none, where the text ends before.
constexpr std::string_view slice(std::string_view text, std::size_t begin,
                                 std::size_t count = std::string_view::npos) {
  text.remove_prefix(std::min(begin, text.size()));
  text.remove_suffix(text.size() - std::min(count, text.size()));
  return text;
}

}  // namespace sprat
