// typing.hh — keys on their way to a guest, none of which may be lost.
//
// A guest that does not listen yet throws away what has come by then, so all keys wait until its prompt is on the
// console; if the prompt is not known, until it has printed anything. QEMU holds a key back while the UART's FIFO of 16
// bytes is full; Bochs goes on, and the key is lost. There each key waits for the one before: until the console shows
// it, as an echo does, or the emulator has worked for a while.

#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "machine/emulation.hh"

namespace sprat::grading {

// Keys that are typed one after the other, once the console shows `after`, further down than the text that earlier keys waited for. Empty: at once.
struct Keys {
  std::string typed;
  std::string after = {};
};

// Returns whether the console's `text` shows the echo of `key` from `begin` on. Other programs print whole lines meanwhile, so an echo
// is the first letter there, the first of a line, or the first behind `prompt` (empty: the guest has none). `key`: '\n' for the end of a line.
bool has_echo(std::string_view text, std::size_t begin, char key, std::string_view prompt);

class Typing {
 public:
  // `prompt`: the text on the console when the guest listens; empty: anything.
  void wait_for(std::string_view prompt) { prompt_ = prompt; }

  void add(const Keys& keys) { keys_.push_back(keys); }

  // Types what can be typed now.
  void go_on(Emulation& emulation);

  // How many keys are still to be typed.
  std::size_t waiting() const;

 private:
  bool was_taken(Emulation& emulation) const;
  bool may_begin(Keys& keys, const std::string& text);

  std::string prompt_;
  bool listens_ = false;
  std::deque<Keys> keys_;
  std::size_t waited_for_ = 0;  // the end of the last `after` in the console's text
  char last_ = 0;
  std::size_t shown_before_ = 0;  // bytes of the console's text, when the last key was typed
  double worked_before_ = 0;      // seconds of processor time, likewise
};

}  // namespace sprat::grading
