// keyboard.hh — typed keys, in order, kept until they are read.

#pragma once

#include <array>
#include <cstddef>

#include "shell/serial_port.hh"

namespace sprat::shell {

class Keyboard {
 public:
  static constexpr std::size_t kMaxAhead = 256;

  explicit Keyboard(SerialPort serial) : serial_(serial) {}

  // As of SerialPort.
  Result<void> start(CapRef<Type::notification> notification) {
    return serial_.start(notification);
  }
  void acknowledge() { serial_.acknowledge(); }

  // Returns the next key, if there is one.
  std::optional<char> next();

  // Keeps typed keys for later. Returns whether a ^C is among them; keys before it are dropped. When kMaxAhead keys are
  // kept, the others stay where they are.
  bool look_for_interrupt();

 private:
  SerialPort serial_;
  std::array<char, kMaxAhead> ahead_{};
  std::size_t length_ = 0, read_ = 0;
};

}  // namespace sprat::shell
