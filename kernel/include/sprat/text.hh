// text.hh — parts of a text, and text with values in it, which is checked when it is compiled.
//
//   format(write, "{} pages from {x}\n", pages, address)
//
//   {}      a number in decimal, text as it is, an address as 0x and 16 digits, true or false
//   {x}     a number in hexadecimal with 0x
//   {8}     the same as {}, right-aligned in 8 columns; {-8} left-aligned
//
// A placeholder too many, too few or of another form does not compile.

#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <span>
#include <string_view>

#include "sprat/address.hh"

namespace sprat {

// The library's own substr() reports a bad position by functions that a kernel does not have: so this one instead.
// Returns the `count` characters of `text` from position `begin` on; fewer, or none, where the text ends before.
constexpr std::string_view slice(std::string_view text, std::size_t begin,
                                 std::size_t count = std::string_view::npos) {
  text.remove_prefix(std::min(begin, text.size()));
  text.remove_suffix(text.size() - std::min(count, text.size()));
  return text;
}

// Where formatted text goes, piece by piece.
using Write = void (*)(std::string_view text);

class Argument {
 public:
  enum class Kind : std::uint8_t { text, unsigned_number, signed_number, address, truth };

  constexpr Argument(std::string_view text) : kind_(Kind::text), text_(text) {}
  constexpr Argument(const char* text) : Argument(std::string_view(text)) {}
  constexpr Argument(bool truth) : kind_(Kind::truth), number_(truth) {}
  constexpr Argument(std::unsigned_integral auto number)
      : kind_(Kind::unsigned_number), number_(number) {}
  constexpr Argument(std::signed_integral auto number)
      : kind_(Kind::signed_number), number_(static_cast<std::uint64_t>(std::int64_t{number})) {}
  template <class Tag>
  constexpr Argument(Address<Tag> address) : kind_(Kind::address), number_(address.value()) {}

  constexpr Kind kind() const { return kind_; }
  constexpr std::string_view text() const { return text_; }
  constexpr std::uint64_t number() const { return number_; }

 private:
  Kind kind_;
  std::uint64_t number_ = 0;
  std::string_view text_;
};

// The text between the braces.
struct Placeholder {
  bool hexadecimal = false;
  bool left = false;
  unsigned width = 0;
};

// The compiler names this when a format text is wrong: it is not constexpr, so reaching it ends compilation.
void format_text_does_not_fit_its_arguments();

// Splits a format text: calls `on_text(piece)` and `on_placeholder(Placeholder)` in order. False when it is malformed.
template <class OnText, class OnPlaceholder>
constexpr bool parse_format(std::string_view text, OnText on_text, OnPlaceholder on_placeholder) {
  while (!text.empty()) {
    const std::size_t brace = text.find('{');
    if (brace != 0) {
      const std::string_view piece = slice(text, 0, brace);
      on_text(piece);
      text.remove_prefix(piece.size());
      continue;
    }
    const std::size_t close = text.find('}');
    if (close == std::string_view::npos) return false;
    Placeholder placeholder;
    for (const char letter : slice(text, 1, close - 1)) {
      if (letter == 'x') {
        placeholder.hexadecimal = true;
      } else if (letter == '-') {
        placeholder.left = true;
      } else if (letter >= '0' && letter <= '9') {
        placeholder.width = placeholder.width * 10 + static_cast<unsigned>(letter - '0');
      } else {
        return false;
      }
    }
    on_placeholder(placeholder);
    text.remove_prefix(close + 1);
  }
  return true;
}

template <class... Arguments>
class FormatText {
 public:
  template <class Text>
    requires std::convertible_to<const Text&, std::string_view>
  consteval FormatText(const Text& text) : text_(text) {
    std::size_t placeholders = 0;
    const bool well_formed = parse_format(
        text_, [](std::string_view) {}, [&](Placeholder) { ++placeholders; });
    if (!well_formed || placeholders != sizeof...(Arguments))
      format_text_does_not_fit_its_arguments();
  }

  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

void format_arguments(Write write, std::string_view text, std::span<const Argument> arguments);

template <class... Arguments>
void format(Write write, FormatText<std::type_identity_t<Arguments>...> text,
            const Arguments&... arguments) {
  const std::array<Argument, sizeof...(Arguments)> list{Argument(arguments)...};
  format_arguments(write, text.text(), list);
}

}  // namespace sprat
