// console.hh — text for the person at the terminal, by way of the kernel's console.

#pragma once

#include "sprat/text.hh"

namespace sprat {

// Writes text, if this process was given the console (TaskSlot::kernel, lib/startup.hh). A line is kept until it ends
// or until `flush`, so that lines of different processes are less likely to mix.
void write_console(std::string_view text);

// Writes the kept text.
void flush_console();

// print("{} pages\n", pages): see sprat/text.hh.
template <class... Arguments>
void print(FormatText<std::type_identity_t<Arguments>...> text, const Arguments&... arguments) {
  format(write_console, text, arguments...);
}

}  // namespace sprat
