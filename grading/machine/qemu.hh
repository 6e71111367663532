// qemu.hh — a machine as QEMU's arguments.

#pragma once

#include <string>
#include <vector>

#include "machine/config.hh"

namespace sprat::grading {

// What the scope leaves, seen from the folder QEMU runs in (see link_boot_files).
inline constexpr char kScopeReport[] = "../scope.json";
inline constexpr char kScopeLive[] = "../scope.live";
inline constexpr char kScopeTrace[] = "../scope.trace";
inline constexpr char kScopeTrust[] = "../scope.trust";
inline constexpr int kScopeLimitStatus =
    99;  // QEMU's exit status when the scope's limit is reached

// The value written to isa-debug-exit, doubled and incremented.
inline constexpr int kDebugExitOk = 33;
inline constexpr int kDebugExitFailed = 35;

// The console is standard input and output, the log standard error; the other channels are the
// descriptors of boot_files.hh. A guest that resets the machine pauses it, so that its registers
// can still be read. `config` is valid.
std::vector<std::string> qemu_arguments(const MachineConfig& config);

}  // namespace sprat::grading
