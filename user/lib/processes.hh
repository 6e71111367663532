// processes.hh — what a process can ask of the init that made it, by LRPC.
//
//              words: request, then                       answer: status (0, or 1 + Error), then
//   exit       code                                       never comes
//   text       32 bytes of a command line, in order       —
//   run        1: send what is written to my capability   process number
//              when it ends (a notification goes along), or 0
//   kill       process number                             —
//   process    n, from 0                                  number, DispatcherState, 16 bytes of its name
//   core       n, from 0                                  core's number, APIC id, CoreState
//   memory     —                                          bytes of RAM, given to other cores, to processes, to init
//   power_off  1 for success                              never comes
//
// The endpoint's badge is the number of the process that asks.

#pragma once

#include <string_view>

#include "lib/lrpc.hh"

namespace sprat {

enum class Request : std::uint8_t { exit, text, run, kill, process, core, memory, power_off };

// Codes by which processes end that did not choose one.
inline constexpr std::uint64_t kExitTrapped = 255;

// The first word of the command line.
std::string_view process_name();

// Ends this process, with all it has.
[[noreturn]] void exit_process(std::uint64_t code);

// Asks init; gives the words after the status.  The errors of `call`, or init's.
Result<Words> ask_init(Request request, std::uint64_t a1 = 0, std::uint64_t a2 = 0,
                       CapAddress capability = {});

// Asks init to run `command_line`: the name of a module, and words for it. Gives the process's number. When it ends, init
// signals `end`, unless that is CapAddress().
//   not_found        there is no such module on this core
//   out_of_memory, malformed, ...
Result<std::uint64_t> run_program(std::string_view command_line, CapAddress end);

}  // namespace sprat
