// disc.cc — see disc.hh.
//
// All names are relative: xorriso gives a meaning to `=` and to backslashes in them, and the folders above may be called
// anything.

#include "machine/disc.hh"

#include <fstream>
#include <string>
#include <vector>

#include "machine/boot_files.hh"
#include "machine/tool.hh"

namespace sprat::grading {
namespace {

namespace fs = std::filesystem;

constexpr char kDisc[] = "disc.iso";
constexpr char kTree[] = "iso";  // of files for the disc
constexpr char kGrub[] = "boot/grub";

void put_text(const fs::path& file, const std::string& text) {
  std::ofstream out(file);
  out << text;
  if (!out.flush()) throw MachineError("cannot write " + file.string() + "; is the disk full?");
}

void put_copy(const fs::path& from, const fs::path& to) {
  fs::copy_file(from, to, fs::copy_options::overwrite_existing);
}

// GRUB's commands for kernel and modules. A guest finds the name of each file first in its line, as under QEMU.
std::string grub_commands(const MachineConfig& config) {
  std::string commands =
      "multiboot /boot/" + config.kernel.filename().string() + " " + kernel_line(config) + "\n";
  for (const BootModule& module : config.modules)
    commands += "module /boot/" + name_of(module) + " " + module.string + "\n";
  return commands;
}

// Copies kernel and modules to where GRUB finds them.
void make_tree(const MachineConfig& config, const fs::path& scratch) {
  const fs::path boot = scratch / kTree / "boot";
  fs::create_directories(scratch / kTree / kGrub);
  put_copy(config.kernel, boot / config.kernel.filename());
  for (const BootModule& module : config.modules) put_copy(module.file, boot / name_of(module));
}

void run_in(const fs::path& scratch, const fs::path& iso,
            const std::vector<std::string>& arguments) {
  RunDirectory keeper;
  const ToolEnd tool =
      run_tool({.arguments = arguments, .folder = scratch, .environment = {"TMPDIR=."}}, keeper);
  if (!tool.ok()) {
    throw MachineError(arguments[0] + " cannot make " + iso.string() +
                       " (it needs grub-pc-bin, xorriso and mtools; `make doctor` checks):\n" +
                       tool.words);
  }
}

void move_disc(const fs::path& scratch, const fs::path& iso) {
  put_copy(scratch / kDisc, iso);
  fs::remove(scratch / kDisc);
}

}  // namespace

void write_iso(const MachineConfig& config, const fs::path& iso, const fs::path& scratch) {
  make_tree(config, scratch);
  put_text(scratch / kTree / kGrub / "grub.cfg",
           "set timeout=0\nmenuentry sprat {\n" + grub_commands(config) + "}\n");
  // A GRUB that can do no more than this starts in half the time.
  run_in(scratch, iso,
         {"grub-mkrescue", "--install-modules=normal multiboot",
          "--fonts=", "--locales=", "--themes=", "-o", kDisc, kTree});
  move_disc(scratch, iso);
}

}  // namespace sprat::grading
