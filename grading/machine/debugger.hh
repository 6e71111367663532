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

}  // namespace sprat::grading
