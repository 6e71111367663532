// disc.cc — see disc.hh.
//
// All names are relative: xorriso gives a meaning to `=` and to backslashes in them, and the folders above may be called
// anything.

#include "machine/disc.hh"

#include <fstream>
#include <map>
#include <set>
#include <sstream>
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
constexpr char kPlatform[] = "i386-pc";

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

// Where Debian's grub-pc-bin has GRUB's modules; grub-mkimage takes them from there as well.
fs::path grub_folder() { return fs::path("/usr/lib/grub") / kPlatform; }

// The modules of GRUB without which a module cannot be loaded, and itself.
std::set<std::string> with_its_needs(const std::string& module) {
  std::map<std::string, std::string> needs_of;
  std::ifstream list(grub_folder() / "moddep.lst");
  for (std::string line; std::getline(list, line);) {
    const std::size_t colon = line.find(':');
    if (colon != std::string::npos) needs_of[line.substr(0, colon)] = line.substr(colon + 1);
  }
  std::set<std::string> found;
  std::vector<std::string> open = {module};
  while (!open.empty()) {
    const std::string next = open.back();
    open.pop_back();
    if (!found.insert(next).second) continue;
    std::istringstream needs(needs_of[next]);
    for (std::string need; needs >> need;) open.push_back(need);
  }
  return found;
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

// GRUB's core is compressed, and takes longer to unpack than the same bytes take to be read: it has only the modules that
// find the others.
void write_quick_iso(const MachineConfig& config, const fs::path& iso, const fs::path& scratch) {
  make_tree(config, scratch);
  const fs::path modules = scratch / kTree / kGrub / kPlatform;
  fs::create_directories(modules);
  for (const std::string& module : with_its_needs("multiboot")) {
    const std::string file = module + ".mod";
    std::error_code error;
    fs::copy_file(grub_folder() / file, modules / file, fs::copy_options::overwrite_existing,
                  error);
    if (error)
      throw MachineError("cannot copy " + (grub_folder() / file).string() + ": " + error.message() +
                         "; it is in the package grub-pc-bin");
  }
  static constexpr char kCommands[] = "commands.cfg";
  static constexpr char kCore[] = "boot/grub/core.img";
  put_text(scratch / kCommands, "insmod multiboot\n" + grub_commands(config) + "boot\n");
  run_in(scratch, iso,
         {"grub-mkimage", "--format", std::string(kPlatform) + "-eltorito", "--prefix",
          std::string("(cd)/") + kGrub, "--config", kCommands, "--output",
          std::string(kTree) + "/" + kCore, "biosdisk", "iso9660"});
  run_in(scratch, iso,
         {"xorriso", "-as", "mkisofs", "-quiet", "-R", "-b", kCore, "-no-emul-boot",
          "-boot-load-size", "4", "-boot-info-table", "-o", kDisc, kTree});
  move_disc(scratch, iso);
}

}  // namespace sprat::grading
