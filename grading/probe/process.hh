// process.hh — the probe as a program that a monitor starts. A test that boots the whole system has the probe in the place of every
// program: all that runs then is code that the scope knows.
//
//   PROBE_PROCESS(answerer) {         // the program `answerer`: the first word of its command line
//     ... arguments ...               // the words behind it
//   }                                 // the process ends

#pragma once

#include <string_view>

namespace sprat::probe {

struct Program {
  using Run = void (*)(std::string_view arguments);

  Program(const char* program_name, Run its_run);

  const char* name;
  Run run;
  const Program* next;
};

// Whether a monitor has made this process. May be asked at its very beginning.
bool is_process();

// Runs the program of this process's name.
[[noreturn]] void run_process();

}  // namespace sprat::probe

#define PROBE_PROCESS(NAME)                                                       \
  static void process_##NAME(std::string_view arguments);                         \
  static const sprat::probe::Program program_entry_##NAME{#NAME, process_##NAME}; \
  static void process_##NAME([[maybe_unused]] std::string_view arguments)
