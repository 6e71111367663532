// tool.hh — a tool of the system, run to its end.

#pragma once

#include <string>

#include "machine/process.hh"

namespace sprat::grading {

struct ToolEnd {
  ExitStatus status;
  std::string words;  // standard output and error

  bool ok() const { return status.code == 0 && status.signal == 0; }
};

// Runs a trusted command and waits. Throws MachineError when it cannot be started.
ToolEnd run_tool(Command command, RunDirectory& directory);

}  // namespace sprat::grading
