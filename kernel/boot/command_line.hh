// command_line.hh — the kernel's command line: words of the form key=value, separated by spaces.

#pragma once

#include <optional>

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

 private:
  std::string_view text_;
};

}  // namespace sprat::boot
