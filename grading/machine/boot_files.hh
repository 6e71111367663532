// boot_files.hh — kernel and modules under the names by which the guest knows them.

#pragma once

#include <filesystem>
#include <string>

#include "machine/config.hh"

namespace sprat::grading {

// The file descriptors an emulator finds open, beside 0 to 2.
inline constexpr int kProtocolDescriptor = 3;
inline constexpr int kControlDescriptor = 4;  // QMP on QEMU, the serial port on Bochs

// Copies of the kernel and the modules, made in `folder`. Emulators run there and see no other folder; so the command lines
// the guest sees (and the instructions it spends on reading them) do not depend on where the files lie.
void copy_boot_files(const MachineConfig& config, const std::filesystem::path& folder);

// Copies a regular file, no link to one, so that any user can read and execute it. Throws MachineError.
void copy_for_the_wall(const std::filesystem::path& from, const std::filesystem::path& to);

// "kernel-name command line"
std::string kernel_line(const MachineConfig& config);

// Returns the first word of a module's string.
std::string name_of(const BootModule& module);

}  // namespace sprat::grading
