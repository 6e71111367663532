// line_editor.cc — the few keys that matter.

#include "shell/line_editor.hh"

#include <algorithm>

namespace sprat::shell {
namespace {

constexpr char kEnd = 0x04, kBackspace = 0x08, kKill = 0x15, kDelete = 0x7f;

}  // namespace

LineEditor::Event LineEditor::take(char byte) {
  echo_length_ = 0;
  if (is_over_) length_ = 0;
  is_over_ = false;
  switch (byte) {
    case '\r':
    case '\n':
      show("\n");
      is_over_ = true;
      return Event::line;
    case kInterrupt:
      show("^C\n");
      length_ = 0;
      return Event::interrupt;
    case kEnd:
      if (length_ > 0) return Event::none;
      show("^D\n");
      return Event::end;
    case kBackspace:
    case kDelete:
      if (length_ > 0) erase_letter();
      return Event::none;
    case kKill:
      while (length_ > 0) erase_letter();
      return Event::none;
    default: break;
  }
  const bool is_letter = byte >= ' ' && byte <= '~';
  if (!is_letter || length_ == kMaxLength) return Event::none;
  text_[length_++] = byte;
  show({&byte, 1});
  return Event::none;
}

void LineEditor::show(std::string_view text) {
  std::copy(text.begin(), text.end(), echo_.begin() + static_cast<std::ptrdiff_t>(echo_length_));
  echo_length_ += text.size();
}

void LineEditor::erase_letter() {
  --length_;
  show("\b \b");
}

}  // namespace sprat::shell
