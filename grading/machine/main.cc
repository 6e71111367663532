// main.cc — the program `machine`: run a system by hand, make its disc, or debug it.

#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>

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

void add_boot_options(CLI::App& command, Options& options) {
  command.add_option("--kernel", options.config.kernel, "Multiboot image to boot")->required();
  command
      .add_option("--module", options.modules,
                  "\"FILE name arguments\": a boot module; may be repeated")
      ->allow_extra_args(false);
  command.add_option("--append", options.config.command_line, "the kernel's command line");
}

void add_machine_options(CLI::App& command, Options& options) {
  add_boot_options(command, options);
  command.add_option("--cpus", options.config.cpus, "processors, 1 to 16 (Bochs: 8)")
      ->capture_default_str();
  command.add_option("--mem", options.config.memory_mib, "memory in MiB")->capture_default_str();
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
    result = machine.run();
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
  CLI::App app("Runs Sprat in an emulator.");
  app.require_subcommand(1);

  CLI::App& run_command =
      *app.add_subcommand("run", "run a system with this terminal as its console");
  add_machine_options(run_command, options);
  run_command.add_option("--emu", options.emulator, "the emulator")
      ->check(CLI::IsMember({"qemu", "qemu-icount", "bochs"}))
      ->capture_default_str();
  run_command.add_option("--accel", options.accelerator, "what QEMU executes with")
      ->check(CLI::IsMember({"tcg", "kvm"}))
      ->capture_default_str();
  run_command.add_option("--scope", options.config.scope, "plugin that counts (QEMU)");
  run_command.add_option("--scope-out", options.scope_out, "file for what it counted");
  run_command.add_option("--limit", options.config.guest_limit,
                         "end after so many instructions (Bochs: ticks)");
  run_command
      .add_option("--seconds", options.config.wall_seconds,
                  "end after so many seconds if nobody is at the console")
      ->capture_default_str();
  run_command.add_option("--protocol", options.protocol_log, "file for what comes on port 0xe9");

  CLI::App& iso_command =
      *app.add_subcommand("iso", "make a disc that boots a system on Bochs and real machines");
  add_boot_options(iso_command, options);
  iso_command.add_option("--out", options.iso, "the disc")->required();

  CLI::App& gdb_command = *app.add_subcommand("gdb", "debug a system in QEMU with GDB");
  add_machine_options(gdb_command, options);
  gdb_command.add_option("--gdb-script", options.gdb_script, "script GDB reads after connecting");

  MachineConfig config;
  try {
    app.parse(count, words);
    config = configuration(options);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? kStatusOk : kStatusUsage;
  } catch (const MachineError& error) {
    std::fprintf(stderr, "machine: %s\n", error.what());
    return kStatusUsage;
  }
  try {
    if (run_command.parsed()) return run(options, config);
    if (iso_command.parsed()) return make_iso(options, config);
    return debug(config, options.gdb_script);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "machine: %s\n", error.what());
    return kStatusBroken;
  }
}
