// run_result.hh — the facts about a run once it is over.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "machine/process.hh"
#include "machine/registers.hh"
#include "score/verdict.hh"

namespace sprat::grading {

// The reason why a run ended, as seen from outside of the machine.
enum class Ending {
  said_ok,           // the guest wrote `sprat exit ok` and left
  said_failed,       // the guest wrote `sprat exit failed` and left
  left_early,        // the guest ended the emulator without a word
  triple_fault,      // the processor gave up
  reset,             // the guest reset the machine
  halted,            // nothing is executed any more, and nothing will be
  guest_limit,       // the limit in guest time
  wall_ceiling,      // the ceiling in wall time
  console_flood,     // more output than the console may have
  protocol_flood,    // more output than the protocol channel may have
  stopped,           // a person or a stop point ended it
  not_bootable,      // the emulator cannot load the kernel that it was given
  took_too_much,     // the emulator was ended at a limit of the wall: memory, tasks or files
  emulator_crashed,  // the emulator died while it executed this guest
  emulator_broke,    // the emulator did not start, or was ended by others
};

struct RunResult {
  Ending ending = Ending::emulator_broke;
  Verdict verdict = Verdict::not_run;
  std::string explanation;  // what happened, and the next thing to try

  std::string console;
  std::string protocol;
  std::string emulator_log;
  std::string complaint;  // the emulator's own last complaint, a line; empty when it had none
  std::string scope;      // the scope's report (JSON), if there was a scope and it could write
  std::string trace;      // the events it noted, if it was to (grading/scope/README.md)

  int exit_status = 0;                        // of the emulator
  Excess excess = Excess::none;               // what it took too much of
  std::optional<std::uint64_t> instructions;  // executed by all cpus, when the scope counted
  std::optional<std::uint64_t> ticks;         // on Bochs
  double wall_seconds = 0;
  std::vector<Registers> cpus;  // where each stood at the end, if that could be asked
};

}  // namespace sprat::grading
