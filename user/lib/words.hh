// words.hh — a command line, word by word.

#pragma once

#include <cstdint>
#include <string_view>

#include "sprat/text.hh"

namespace sprat {

// Cuts the first word off `text`; empty when there is none left.
constexpr std::string_view next_word(std::string_view& text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  const std::string_view word = slice(text, 0, text.find(' '));
  text.remove_prefix(word.size());
  return word;
}

// Returns the text up to its first zero.
constexpr std::string_view until_zero(std::string_view text) {
  return slice(text, 0, text.find('\0'));
}

// Reads `text` as a number in decimal digits, 18 of them at most. Returns whether it is one.
constexpr bool parse_number(std::string_view text, std::uint64_t& number) {
  if (text.empty() || text.size() > 18) return false;
  number = 0;
  for (const char digit : text) {
    if (digit < '0' || digit > '9') return false;
    number = number * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  return true;
}

}  // namespace sprat
