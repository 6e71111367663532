// main.cc — the program `machine`: run a system by hand, make its disc, or debug it.

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "machine/arguments.hh"
#include "machine/bochs.hh"
#include "machine/debugger.hh"
#include "machine/machine.hh"
#include "machine/run_directory.hh"
#include "machine/terminal.hh"

namespace {

using namespace sprat::grading;

constexpr int kStatusOk = 0;
constexpr int kStatusFailed = 1;  // the system failed, hung or died
constexpr int kStatusUsage = 2;   // the command line is wrong
constexpr int kStatusBroken = 3;  // the emulator could not do its work

constexpr char kUsage[] =
    "Runs Sprat in an emulator. `machine COMMAND --help` says more:\n\n"
    "  machine run   run a system; what comes on standard input is typed at its console\n"
    "  machine iso   make a disc that boots a system on Bochs and real machines\n"
    "  machine gdb   debug a system in QEMU with GDB\n";

constexpr std::size_t kConsoleByHand = 256 << 20;  // bytes; a person knows when it is enough

struct Options {
  MachineConfig config;
  std::string emulator = "qemu";
  std::string accelerator = "tcg";
  std::vector<std::string> modules;  // "FILE name arguments"
  std::string protocol_log;
  std::string scope_out;
  std::string iso;
  std::string gdb_script;
};

void add_boot_options(Arguments& arguments, Options& options) {
  arguments.option("--kernel", options.config.kernel, "Multiboot image to boot");
  arguments.repeated("--module", options.modules,
                     "\"FILE name arguments\": a boot module; may be repeated");
  arguments.option("--append", options.config.command_line, "the kernel's command line");
}

void add_machine_options(Arguments& arguments, Options& options) {
  add_boot_options(arguments, options);
  arguments.option("--cpus", options.config.cpus, "processors, 1 to 16 (Bochs: 8; default: 1)");
  arguments.option("--mem", options.config.memory_mib, "memory in MiB (default: 128)");
}

void add_run_options(Arguments& arguments, Options& options) {
  add_machine_options(arguments, options);
  arguments.choice("--emu", options.emulator, {"qemu", "qemu-icount", "bochs"}, "the emulator");
  arguments.choice("--accel", options.accelerator, {"tcg", "kvm"}, "what QEMU executes with");
  arguments.option("--scope", options.config.scope, "plugin that counts (QEMU)");
  arguments.option("--scope-out", options.scope_out, "file for what it counted");
  arguments.option("--limit", options.config.guest_limit,
                   "end after so many instructions (Bochs: ticks)");
  arguments.option("--seconds", options.config.wall_seconds,
                   "end after so many seconds if standard input is no terminal (default: 30)");
  arguments.option("--protocol", options.protocol_log, "file for what comes on port 0xe9");
}

// What was said on the command line, complete and valid. Throws MachineError.
MachineConfig configuration(const Options& options) {
  MachineConfig config = options.config;
  config.emulator = *emulator_named(options.emulator);
  config.kvm = options.accelerator == "kvm";
  for (const std::string& module : options.modules) {
    std::size_t space = module.find(' ');
    if (space == std::string::npos) {
      throw MachineError("--module " + module + " has no name; write \"FILE name arguments\"");
    }
    config.modules.push_back({module.substr(0, space), module.substr(space + 1)});
  }
  config.validate();
  return config;
}

void write_to(const std::string& file, const std::string& text) {
  if (file.empty()) return;
  std::ofstream out(file, std::ios::binary);
  out << text;
  if (!out.flush()) throw MachineError("cannot write " + file + "; is its folder there?");
}

int run(const Options& options, MachineConfig config) {
  const bool by_hand = isatty(STDIN_FILENO) != 0;
  if (by_hand) config.console_limit = kConsoleByHand;
  Machine machine(config);
  machine.on_console([](std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  });
  RunResult result;
  if (by_hand) {
    std::fprintf(stderr, "(%s; Ctrl-A X leaves)\n", options.emulator.c_str());
    RawTerminal terminal(STDIN_FILENO);
    result = machine.run(terminal.person());
  } else {
    result = machine.run(typist(STDIN_FILENO));
  }
  write_to(options.protocol_log, result.protocol);
  write_to(options.scope_out, result.scope);
  switch (result.ending) {
    case Ending::said_ok: return kStatusOk;
    case Ending::stopped: return by_hand ? kStatusOk : kStatusBroken;
    case Ending::emulator_broke:
      std::fprintf(stderr, "machine: %s\n%s\n", result.explanation.c_str(),
                   result.emulator_log.c_str());
      return kStatusBroken;
    default:
      std::fprintf(stderr, "machine: %s\n", result.explanation.c_str());
      return kStatusFailed;
  }
}

int make_iso(const Options& options, const MachineConfig& config) {
  RunDirectory scratch;
  write_iso(config, options.iso, scratch.path());
  return kStatusOk;
}

}  // namespace

int main(int count, char** words) {
  Options options;
  const std::string command = count > 1 ? words[1] : "";
  Arguments arguments("machine " + command, "its options");
  if (command == "run") {
    add_run_options(arguments, options);
  } else if (command == "iso") {
    add_boot_options(arguments, options);
    arguments.option("--out", options.iso, "the disc");
  } else if (command == "gdb") {
    add_machine_options(arguments, options);
    arguments.option("--gdb-script", options.gdb_script, "script GDB reads after connecting");
  } else {
    std::fputs(kUsage, stderr);
    return command == "--help" ? kStatusOk : kStatusUsage;
  }
  arguments.read(count - 1, words + 1);
  arguments.require("--kernel");
  if (command == "iso") arguments.require("--out");

  MachineConfig config;
  try {
    config = configuration(options);
  } catch (const MachineError& error) {
    std::fprintf(stderr, "machine: %s\n", error.what());
    return kStatusUsage;
  }
  try {
    if (command == "run") return run(options, config);
    if (command == "iso") return make_iso(options, config);
    return debug(config, options.gdb_script);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "machine: %s\n", error.what());
    return kStatusBroken;
  }
}
