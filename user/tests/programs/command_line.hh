// command_line.hh — a command line with numbers in it.

#pragma once

#include <array>
#include <cstring>

#include "sprat/text.hh"

namespace sprat {

// The text, as of format; it is there until the next call. 48 letters at most.
template <class... Arguments>
std::string_view command_line(FormatText<std::type_identity_t<Arguments>...> text,
                              const Arguments&... arguments) {
  static constinit std::array<char, 48> letters{};
  static constinit std::size_t length = 0;
  length = 0;
  const auto write = [](std::string_view piece) {
    const std::size_t fits = std::min(piece.size(), letters.size() - length);
    std::memcpy(letters.data() + length, piece.data(), fits);
    length += fits;
  };
  format(+write, text, arguments...);
  return {letters.data(), length};
}

}  // namespace sprat
