// line_editor.hh — a line of text as it is typed: byte by byte, with corrections.

#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace sprat::shell {

inline constexpr char kInterrupt = 0x03;  // ^C

class LineEditor {
 public:
  static constexpr std::size_t kMaxLength = 110;

  enum class Event { none, line, interrupt, end };

  // Takes the next byte: letters are added; backspace and delete take one away, ^U all; return ends the line, ^C gives it up;
  // ^D, where a line would begin, ends the input.
  // The terminal's output for it is in echo() until the next call. After `line`, text() is the line; the next byte
  // begins another one.
  Event take(char byte);

  std::string_view text() const { return {text_.data(), length_}; }
  std::string_view echo() const { return {echo_.data(), echo_length_}; }

 private:
  void show(std::string_view text);
  void erase_letter();

  std::array<char, kMaxLength> text_{};
  std::size_t length_ = 0;
  std::array<char, 3 * kMaxLength> echo_{};
  std::size_t echo_length_ = 0;
  bool is_over_ = false;  // the line was given out
};

}  // namespace sprat::shell
