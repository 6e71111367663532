// options.cc — the options of `machine`.

#include "machine/options.hh"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "command_line.hh"

namespace sprat::grading {
namespace {

// The words of the command line that are not in MachineConfig.
struct Words {
  std::string emulator = "qemu";
  std::string accelerator = "tcg";
  std::vector<std::string> modules;  // "FILE name arguments"
  std::string programs, list;  // a folder, and "name arguments, name arguments" of programs in it
};

void add_boot_options(CLI::App& command, MachineConfig& config, Words& words) {
  command.add_option("--kernel", config.kernel, "Multiboot image to boot")->required();
  command
      .add_option("--module", words.modules,
                  "\"FILE name arguments\": a boot module; may be repeated")
      ->allow_extra_args(false);
  command.add_option("--programs", words.programs, "folder of the programs that --modules names");
  command.add_option("--modules", words.list, "\"name arguments, ...\": programs as boot modules");
  command.add_option("--append", config.command_line, "the kernel's command line");
}

void add_machine_options(CLI::App& command, MachineConfig& config, Words& words) {
  add_boot_options(command, config, words);
  command.add_option("--cpus", config.cpus, "processors, 1 to 16 (Bochs: 8)")
      ->capture_default_str();
  command.add_option("--mem", config.memory_mib, "memory in MiB")->capture_default_str();
}

void add_run_options(CLI::App& command, MachineOptions& options, Words& words) {
  add_machine_options(command, options.config, words);
  command.add_option("--emu", words.emulator, "the emulator")
      ->check(CLI::IsMember({"qemu", "qemu-icount", "bochs"}))
      ->capture_default_str();
  command.add_option("--accel", words.accelerator, "what QEMU executes with")
      ->check(CLI::IsMember({"tcg", "kvm"}))
      ->capture_default_str();
  command.add_option("--scope", options.config.scope, "plugin that counts (QEMU)");
  command.add_option("--scope-out", options.scope_out, "file for its counts");
  command.add_option("--trace-out", options.trace_out, "file for the events it noted");
  command.add_option("--limit", options.config.guest_limit,
                     "end after so many instructions (Bochs: ticks)");
  command
      .add_option("--seconds", options.config.wall_seconds,
                  "end after so many seconds if standard input is no terminal")
      ->capture_default_str();
  command.add_option("--prompt", options.prompt,
                     "standard input is typed once the console has shown this");
  command.add_option("--protocol", options.protocol_log, "file for the output on port 0xe9");
}

std::string_view without_blanks_around(std::string_view text) {
  const std::size_t begin = std::min(text.find_first_not_of(" \t\n"), text.size());
  return text.substr(begin, text.find_last_not_of(" \t\n") + 1 - begin);
}

// The programs in a folder, which also holds the same ones with symbols, and other files with a dot in their name.
std::set<std::string> programs_in(const std::filesystem::path& folder) {
  std::set<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    const std::string name = entry.path().filename();
    if (entry.is_regular_file(error) && name.find('.') == std::string::npos) names.insert(name);
  }
  return names;
}

// Returns the file of a program. Throws MachineError that lists the programs when there is none of that name.
std::filesystem::path program_named(const std::string& name, const std::filesystem::path& folder) {
  const std::set<std::string> names = programs_in(folder);
  if (names.contains(name)) return folder / name;
  std::string text = "there is no program '" + name + "' in " + folder.string() + "; ";
  if (names.empty()) throw MachineError(text + "no program is there at all");
  text += "write one of: ";
  for (const std::string& one : names) text += (one == *names.begin() ? "" : ", ") + one;
  throw MachineError(text);
}

// Adds the programs of a list; there may be nothing between two commas. Throws MachineError.
void add_programs(MachineConfig& config, const std::filesystem::path& folder,
                  std::string_view list) {
  while (!list.empty()) {
    const std::size_t end = std::min(list.find(','), list.size());
    const std::string words(without_blanks_around(list.substr(0, end)));
    if (!words.empty())
      config.modules.push_back({program_named(words.substr(0, words.find(' ')), folder), words});
    list.remove_prefix(std::min(end + 1, list.size()));
  }
}

// Throws MachineError.
void complete(MachineConfig& config, const Words& words) {
  config.emulator = *emulator_named(words.emulator);
  config.kvm = words.accelerator == "kvm";
  for (const std::string& module : words.modules) {
    const std::size_t space = module.find(' ');
    if (space == std::string::npos)
      throw MachineError("--module " + module + " has no name; write \"FILE name arguments\"");
    config.modules.push_back({module.substr(0, space), module.substr(space + 1)});
  }
  add_programs(config, words.programs, words.list);
  config.validate();
}

}  // namespace

MachineOptions machine_options(int argc, char** argv) {
  CLI::App app("Runs Sprat in an emulator.");
  app.option_defaults()->take_last();
  app.require_subcommand(1);
  MachineOptions options;
  Words words;
  add_run_options(
      *app.add_subcommand("run", "run a system; standard input is typed at its console"), options,
      words);

  CLI::App& iso =
      *app.add_subcommand("iso", "make a disc that boots a system on Bochs and real machines");
  add_boot_options(iso, options.config, words);
  iso.add_option("--out", options.iso, "the disc")->required();

  CLI::App& gdb = *app.add_subcommand("gdb", "debug a system in QEMU with GDB");
  add_machine_options(gdb, options.config, words);
  gdb.add_option("--gdb-script", options.gdb_script, "script GDB reads after connecting");
  gdb.add_option("--socket", options.gdb_socket,
                 "start no GDB; an editor's connects to this socket");

  CLI::App& wall = *app.add_subcommand(
      "wall", "say which wall stands here around code that is graded; starts no system");

  parse(app, argc, argv);
  if (iso.parsed()) options.command = MachineOptions::Command::iso;
  if (gdb.parsed()) options.command = MachineOptions::Command::gdb;
  if (wall.parsed()) {
    options.command = MachineOptions::Command::wall;
    return options;
  }
  try {
    complete(options.config, words);
  } catch (const MachineError& error) {
    refuse(app, error.what());
  }
  return options;
}

}  // namespace sprat::grading
