// keyboard.cc — first the kept keys, then new ones.

#include "shell/keyboard.hh"

#include "shell/line_editor.hh"

namespace sprat::shell {
std::optional<char> Keyboard::next() {
  if (read_ < length_) return ahead_[read_++];
  read_ = length_ = 0;
  return serial_.read();
}

bool Keyboard::look_for_interrupt() {
  bool came = false;
  while (length_ < kMaxAhead) {
    const auto key = serial_.read();
    if (!key) break;
    if (*key == kInterrupt) {
      came = true;
      read_ = length_ = 0;
    } else {
      ahead_[length_++] = *key;
    }
  }
  return came;
}

}  // namespace sprat::shell
