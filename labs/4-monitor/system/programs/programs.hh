// programs.hh — the programs of a test: one file, which the boot image has under all their names.
//
//   PROGRAM(answerer) {               // the first word of its command line
//     ... arguments ...               // the words behind it
//   }                                 // the process ends

#pragma once

#include "lib/processes.hh"
#include "lib/program.hh"

namespace sprat::probe {

struct Program {
  using Run = void (*)(std::string_view arguments);

  Program(const char* program_name, Run its_run);

  const char* name;
  Run run;
  const Program* next;
};

const Startup& startup();
inline std::uint64_t cycles_of_millisecond() { return startup().tsc_hz / 1000; }

// The lines that the monitor of this core has posted to others for channels and processes.
std::uint64_t lines_posted();

// Ends the machine. For `home`, which has authority over its core.
void power_off();

// Gives turns away until `come` is true, or for so many milliseconds. Returns whether it became true.
template <class Condition>
bool wait_for(Condition come, std::uint64_t milliseconds) {
  const std::uint64_t begin = __builtin_ia32_rdtsc();
  while (!come()) {
    if (__builtin_ia32_rdtsc() - begin > milliseconds * cycles_of_millisecond()) return false;
    yield(Yield::stay);
  }
  return true;
}

}  // namespace sprat::probe

#define PROGRAM(NAME)                                                             \
  static void program_##NAME(std::string_view arguments);                         \
  static const sprat::probe::Program program_entry_##NAME{#NAME, program_##NAME}; \
  static void program_##NAME([[maybe_unused]] std::string_view arguments)
