// commands.hh — the shell's commands.

#pragma once

#include <span>
#include <string_view>
//@ since monitor

#include "lib/task.hh"
//@ end

namespace sprat::shell {

struct Command {
  std::string_view name;
  std::string_view help;
  void (*run)();
};

// Returns the commands that take no words.
std::span<const Command> commands();

//@ since monitor
// Prints the processes of all other cores.
Task<> processes_of_others();

//@ end
//@ since memory
// Prints what the memory servers of all cores have.
Task<> memory_of_cores();

//@ end
//@ since monitor
// Stops, or starts, the core whose number is the first of `words`.
Task<> stop_core(std::string_view words);
Task<> start_core(std::string_view words);

//@ end
// Turns the machine off, with success. Comes back only if that is refused, and has said why.
void leave();

// Says that something went wrong.
void complain(std::string_view what, std::string_view why);

}  // namespace sprat::shell
