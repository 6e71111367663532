// console.hh — text for the person at the terminal, by way of the kernel's console.

#pragma once

#include "sprat/result.hh"
#include "sprat/text.hh"

namespace sprat {

// Writes text, if this process may print. A line is kept until it ends or until `flush`, so that lines of different processes are
// less likely to mix.
//@ since monitor
// It goes to the monitor, in whose hands lines do not mix: lines of 239 letters at most, for a longer one is cut into several. On cores
// but core 0, text appears when its line has ended.
//@ end
void write_console(std::string_view text);

// Writes the kept text.
void flush_console();

// Hands the beginning of `text`, 40 bytes at most, to the kernel, if this process was given that right (TaskSlot::kernel,
// lib/startup.hh). Returns how many bytes were written.
//   again       the console is busy
//   no_rights, no_capability
Result<std::size_t> try_write_console(std::string_view text);
//@ since monitor

// Where the text of this process goes, if it is a monitor.
class TextReceiver {
 public:
  // Takes all of `text`, or has no room for it and returns false.
  virtual bool take(std::string_view text) = 0;

  // Hands all text that it took on, to the kernel if that is possible.
  virtual void drain() = 0;

 protected:
  ~TextReceiver() = default;
};

// From now on; null: the text goes to the kernel again.
void set_text_receiver(TextReceiver* text_receiver);

// The process is about to end: has the receiver drain, and takes it away.
void drain_console();
//@ end

// print("{} pages\n", pages): see sprat/text.hh.
template <class... Arguments>
void print(FormatText<std::type_identity_t<Arguments>...> text, const Arguments&... arguments) {
  format(write_console, text, arguments...);
}

}  // namespace sprat
