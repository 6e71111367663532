// main.cc — the program `machine`: run a system by hand, make its disc, or debug it.

#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>

#include "machine/debugger.hh"
#include "machine/disc.hh"
#include "machine/machine.hh"
#include "machine/options.hh"
#include "machine/run_directory.hh"
#include "machine/terminal.hh"

namespace {

using namespace sprat::grading;

constexpr int kStatusOk = 0;
constexpr int kStatusFailed = 1;  // the system failed, hung or died
constexpr int kStatusBroken = 3;  // the emulator could not do its work

constexpr std::size_t kConsoleByHand = 256 << 20;  // bytes; a person knows when it is enough

void write_to(const std::string& file, const std::string& text) {
  if (file.empty()) return;
  std::ofstream out(file, std::ios::binary);
  out << text;
  if (!out.flush()) throw MachineError("cannot write " + file + "; is its folder there?");
}

int run(const MachineOptions& options) {
  MachineConfig config = options.config;
  config.traces = !options.trace_out.empty();
  const bool by_hand = isatty(STDIN_FILENO) != 0;
  if (by_hand) config.console_limit = kConsoleByHand;
  Machine machine(config);
  machine.on_console([](std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
    std::fflush(stdout);
  });
  RunResult result;
  if (by_hand) {
    std::fprintf(stderr, "(%s; Ctrl-A X leaves)\n", name_of(config.emulator).data());
    RawTerminal terminal(STDIN_FILENO);
    result = machine.run(terminal.person());
  } else {
    result = machine.run(typist(STDIN_FILENO, options.prompt));
  }
  write_to(options.protocol_log, result.protocol);
  write_to(options.scope_out, result.scope);
  write_to(options.trace_out, result.trace);
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

int make_iso(const MachineOptions& options) {
  RunDirectory scratch;
  write_iso(options.config, options.iso, scratch.path());
  return kStatusOk;
}

}  // namespace

int main(int count, char** words) {
  const MachineOptions options = machine_options(count, words);
  try {
    switch (options.command) {
      case MachineOptions::Command::run: return run(options);
      case MachineOptions::Command::wall: {
        std::printf("%s\n", name_of(Wall::found().kind()).data());
        return kStatusOk;
      }
      case MachineOptions::Command::iso: return make_iso(options);
      case MachineOptions::Command::gdb:
        return options.gdb_socket.empty() ? debug(options.config, options.gdb_script)
                                          : wait_for_debugger(options.config, options.gdb_socket);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "machine: %s\n", error.what());
  }
  return kStatusBroken;
}
