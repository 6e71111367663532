// command_line.hh — the kernel's command line: words of the form key=value, separated by spaces.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "sprat/text.hh"

namespace sprat::boot {

class CommandLine {
 public:
  // `text` stays the caller's and must outlive this. A loader puts the kernel's file name first; words without a
  // '=' that come before the first key are therefore passed over.
  constexpr explicit CommandLine(std::string_view text) : text_(text) {}

  // Returns the value of the last word `key=value`, or nothing.
  constexpr std::optional<std::string_view> get(std::string_view key) const {
    std::optional<std::string_view> found;
    for_each([&](std::string_view name, std::string_view value) {
      if (name == key) found = value;
    });
    return found;
  }

  // Returns the value of `key` as a number: hexadecimal, with or without 0x, up to 16 digits. Nothing if it is not one.
  constexpr std::optional<std::uint64_t> get_hex(std::string_view key) const {
    const auto text = get(key);
    if (!text) return {};
    return parse_hex(*text);
  }

  // Calls `visit(key, value)` for each word; a word without '=' has an empty value.
  template <class Visit>
  constexpr void for_each(Visit visit) const {
    bool seen_key = false;
    for (std::size_t at = 0; at < text_.size();) {
      const std::size_t end = std::min(text_.find(' ', at), text_.size());
      const std::string_view word = slice(text_, at, end - at);
      at = end + 1;
      const std::size_t equals = word.find('=');
      seen_key |= equals != std::string_view::npos;
      if (word.empty() || !seen_key) continue;
      if (equals == std::string_view::npos) {
        visit(word, std::string_view());
      } else {
        visit(slice(word, 0, equals), slice(word, equals + 1));
      }
    }
  }

  static constexpr std::optional<std::uint64_t> parse_hex(std::string_view digits) {
    if (digits.starts_with("0x")) digits.remove_prefix(2);
    if (digits.empty() || digits.size() > 16) return {};
    std::uint64_t value = 0;
    for (const char digit : digits) {
      const int number = digit >= '0' && digit <= '9'   ? digit - '0'
                         : digit >= 'a' && digit <= 'f' ? digit - 'a' + 10
                         : digit >= 'A' && digit <= 'F' ? digit - 'A' + 10
                                                        : -1;
      if (number < 0) return {};
      value = value << 4 | static_cast<std::uint64_t>(number);
    }
    return value;
  }

 private:
  std::string_view text_;
};

}  // namespace sprat::boot
