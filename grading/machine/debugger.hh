// debugger.hh — GDB on a machine that waits for it.

#pragma once

#include <filesystem>

#include "machine/config.hh"

namespace sprat::grading {

// Starts the machine in QEMU, halted before its first instruction, and GDB in the foreground on it,
// with the kernel's symbols and the script (empty: none). QEMU ends with GDB. The guest's console
// goes to a log below $TMPDIR, which is named at the start and removed at the end. Returns GDB's
// exit status. Throws MachineError.
int debug(const MachineConfig& config, const std::filesystem::path& script);

// Starts the machine in QEMU, halted before its first instruction, for a GDB that an editor starts:
// it connects to the socket `name`, a path of any length, where no other file may be. Prints one
// line once GDB can connect, and the guest's console behind it. Returns 0 when QEMU has ended, which
// it does when GDB kills its target. Throws MachineError.
int wait_for_debugger(const MachineConfig& config, const std::filesystem::path& name);

}  // namespace sprat::grading
