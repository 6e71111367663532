// program.hh — the declaration of a program's main, and its arguments.

#pragma once

#include "lib/startup.hh"
#include "lib/words.hh"

namespace sprat {

// Every program defines it; the monitor is the only one that does not begin this way. The result is the process's exit code.
int main(const Startup& startup);

// Returns the words behind the program's name.
inline std::string_view arguments(const Startup& startup) {
  std::string_view words = until_zero({startup.command_line.data(), startup.command_line.size()});
  static_cast<void>(next_word(words));
  return words;
}

}  // namespace sprat
