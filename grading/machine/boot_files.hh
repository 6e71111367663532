// boot_files.hh — kernel and modules under the names by which the guest knows them.

#pragma once

#include <filesystem>
#include <string>

#include "machine/config.hh"

namespace sprat::grading {

// The file descriptors an emulator finds open, beside 0 to 2.
inline constexpr int kProtocolDescriptor = 3;
inline constexpr int kControlDescriptor = 4;  // QMP on QEMU, the serial port on Bochs

// Links to the kernel and the modules, made in `folder`. Emulators run there, so that the command
// lines the guest sees (and the instructions it spends on reading them) do not depend on where the
// files lie.
void link_boot_files(const MachineConfig& config, const std::filesystem::path& folder);

// "kernel-name command line"
std::string kernel_line(const MachineConfig& config);

// The first word of a module's string.
std::string name_of(const BootModule& module);

}  // namespace sprat::grading
