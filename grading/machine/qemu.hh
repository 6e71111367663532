// qemu.hh — a machine as QEMU's arguments.

#pragma once

#include <string>
#include <vector>

#include "machine/config.hh"

namespace sprat::grading {

// The folder that QEMU may write to, and the scope's files there, seen from the folder QEMU runs in (see
// copy_boot_files); and the scope itself.
inline constexpr char kOutput[] = "../out";
inline constexpr char kScopeReport[] = "../out/scope.json";
inline constexpr char kScopeLive[] = "../out/scope.live";
inline constexpr char kScopeTrace[] = "../out/scope.trace";
inline constexpr char kScopeTrust[] = "../scope.trust";
inline constexpr char kScopePlugin[] = "../scope.so";
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
