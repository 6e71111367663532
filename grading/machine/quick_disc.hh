// quick_disc.hh — a disc from which a BIOS boots a kernel and its modules at once, without GRUB.

#pragma once

#include <filesystem>

#include "machine/config.hh"

namespace sprat::grading {

// Makes a disc for the machine of this valid configuration. Its loader (quick_loader.S) does for the guest what GRUB does:
// kernel, modules, their strings and the BIOS's memory map. It relies on memory that is all zeros when the machine is
// switched on. A kernel that no loader can load makes a disc whose loader halts. Throws MachineError when the disc cannot be
// written, or the modules do not fit.
void write_quick_disc(const MachineConfig& config, const std::filesystem::path& disc);

}  // namespace sprat::grading
