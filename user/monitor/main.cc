// main.cc — the monitor, the first process of a core, and the programs that it starts by itself.

#include "lib/console.hh"
#include "lib/first_process.hh"
#include "monitor/monitor.hh"

namespace sprat {
namespace {

void say_what_there_is(const FirstProcess& process) {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < process.ram_regions; ++i) bytes += process.ram[i].bytes;
  print("monitor of core {}: {} MiB of RAM, {} {}\n", process.core_id, bytes >> 20, process.modules,
        process.modules == 1 ? "module" : "modules");
}

// Programs that name this core; on the first core, the shell as well unless it names another. The shell may have all that
// there is, and each of the others half of it.
void start_programs(const FirstProcess& process, monitor::Processes& processes) {
  monitor::Account& account = processes.account();
  for (std::size_t i = 0; i < process.modules; ++i) {
    const monitor::BootFile file{&process.module[i], i};
    const bool is_shell = file.name() == "shell";
    const bool is_ours = file.names_core(process.core_id) ||
                         (is_shell && process.core_id == 0 && !file.names_a_core());
    if (!is_ours || file.name() == "monitor") continue;
    const auto number = processes.start(file, {.command_line = file.command_line(),
                                               .account = account,
                                               .quota = account.limit() / (is_shell ? 1 : 2),
                                               .is_shell = is_shell});
    if (!number)
      print("monitor core {}: {} does not start: {}\n", process.core_id, file.name(),
            name_of(number.error()));
  }
}

void run() {
  const FirstProcess& process = first_process();
  monitor::Monitor& monitor = monitor::make_monitor(process);
  say_what_there_is(process);
  monitor.run(start_programs);
}

}  // namespace

std::string_view process_name() { return "monitor"; }

// The dispatcher's first upcall (lib/start.S).
extern "C" [[noreturn]] void start(DispatcherFrame& frame) { start_first_process(frame, run); }

}  // namespace sprat
