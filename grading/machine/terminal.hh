// terminal.hh — standard input as the console's keyboard: the person's own terminal, or a file or pipe.

#pragma once

#include <optional>
#include <string>

#include "machine/machine.hh"

namespace sprat::grading {

// While it lives, keys come one at a time and unchanged, Ctrl-C included. The terminal is as before
// afterwards, also when a signal ends this process. There is at most one.
class RawTerminal {
 public:
  explicit RawTerminal(int descriptor);
  ~RawTerminal();
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;

  // Returns a person at this terminal. Ctrl-A X leaves; Ctrl-A twice sends one Ctrl-A.
  Person person();

 private:
  std::optional<Keys> keys();

  int descriptor_;
  bool after_escape_ = false;
};

// Types what comes on `descriptor`, which is no terminal, from the guest's `prompt` on (empty: its first word); at its end, the
// line's end if that is missing, and ^D.
Person typist(int descriptor, const std::string& prompt);

}  // namespace sprat::grading
