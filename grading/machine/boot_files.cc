// boot_files.cc — one name for one file, on every emulator.

#include "machine/boot_files.hh"

namespace sprat::grading {

namespace fs = std::filesystem;

void copy_for_the_wall(const fs::path& from, const fs::path& to) {
  std::error_code error;
  // A build that is not trusted may have put a link there, to a file that only the grader can read.
  if (!fs::is_regular_file(fs::symlink_status(from)))
    throw MachineError(from.string() + " is no regular file; build it again");
  fs::copy_file(from, to, fs::copy_options::overwrite_existing, error);
  if (!error) fs::permissions(to, fs::perms(0755), error);
  if (error)
    throw MachineError("cannot copy " + from.string() + " to " + to.string() + ": " +
                       error.message() + "; is the disk full?");
}

void copy_boot_files(const MachineConfig& config, const fs::path& folder) {
  fs::create_directories(folder);
  copy_for_the_wall(config.kernel, folder / config.kernel.filename());
  for (const BootModule& module : config.modules)
    if (!fs::exists(folder / name_of(module)))
      copy_for_the_wall(module.file, folder / name_of(module));
}

std::string kernel_line(const MachineConfig& config) {
  std::string name = config.kernel.filename().string();
  return config.command_line.empty() ? name : name + " " + config.command_line;
}

std::string name_of(const BootModule& module) {
  return module.string.substr(0, module.string.find(' '));
}

}  // namespace sprat::grading
