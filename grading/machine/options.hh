// options.hh — the command line of `machine`.

#pragma once

#include <string>

#include "machine/config.hh"

namespace sprat::grading {

struct MachineOptions {
  enum class Command { run, iso, gdb, wall };

  Command command = Command::run;
  // Valid. The system is the person's own, and so is the emulator: it uses the devices that the person may use, and works
  // where no wall can stand.
  MachineConfig config{.wall = Wall::of(WallKind::none)};
  std::string prompt;        // run: keys wait until the console has shown this; empty: anything
  std::string protocol_log;  // run: file for the output on port 0xe9; empty: none
  std::string scope_out;     // run: file for the scope's counts; empty: none
  std::string trace_out;     // run: file for the events it noted; empty: none
  std::string iso;           // iso: the disc
  std::string gdb_script;    // gdb: script that GDB reads after connecting; empty: none
  std::string gdb_socket;    // gdb: where another GDB connects; empty: GDB is started here
};

// Reads a command line. Prints help or what is wrong and exits, with status 0 or 2.
MachineOptions machine_options(int argc, char** argv);

}  // namespace sprat::grading
