// boot_files.cc — one name for one file, on every emulator.

#include "machine/boot_files.hh"

namespace sprat::grading {

void link_boot_files(const MachineConfig& config, const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  auto link = [&](const std::filesystem::path& file, const std::filesystem::path& name) {
    if (!std::filesystem::is_symlink(folder / name)) {
      std::filesystem::create_symlink(std::filesystem::absolute(file), folder / name);
    }
  };
  link(config.kernel, config.kernel.filename());
  for (const BootModule& module : config.modules) link(module.file, name_of(module));
}

std::string kernel_line(const MachineConfig& config) {
  std::string name = config.kernel.filename().string();
  return config.command_line.empty() ? name : name + " " + config.command_line;
}

std::string name_of(const BootModule& module) {
  return module.string.substr(0, module.string.find(' '));
}

}  // namespace sprat::grading
