// main.cc — the monitor, the first process of a core: starts the other cores if it is on the first, then the programs of its own,
// then handles their requests.

#include "lib/console.hh"
#include "lib/first_process.hh"
#include "monitor/census.hh"
//@ since urpc
#include "monitor/channels.hh"
//@ end
#include "monitor/cores.hh"
#include "monitor/request_handler.hh"
//@ since monitor
#include "monitor/remote_processes.hh"
#include "monitor/views.hh"
//@ end

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

// The quota of all processes of this core together.
Quota all_there_is(const FirstProcess& process, const monitor::Parts& parts) {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < process.ram_regions; ++i) bytes += process.ram[i].bytes;
  Quota quota = monitor::kCostOfProcess * monitor::kMaxProcesses + parts.quota();
  quota.memory = bytes - runtime().ram.bytes_made();
  return quota;
}

void run() {
  const FirstProcess& process = first_process();
  say_what_there_is(process);
  monitor::Parts parts;
  monitor::Processes processes(process, parts);
  monitor::Cores cores(process);
  monitor::CensusTaker census_taker(process, processes, parts);
  monitor::RequestHandler handler(process, processes, cores, census_taker, parts);
  //@ since urpc
  monitor::Channels channels(process, processes, census_taker);
  //@ end
  //@ since monitor
  monitor::Views views(process, channels.links(), cores, parts);
  monitor::RemoteProcesses remote_processes(process, processes, channels.links());
  parts.add(views);
  parts.add(remote_processes);
  //@ end
  //@ since urpc
  parts.add(channels);
  //@ end
  auto prepared = processes.prepare();
  if (prepared) prepared = handler.prepare();
  if (!prepared) {
    print("monitor: cannot be called: {}\n", name_of(prepared.error()));
    exit_process(kExitTrapped);
  }
  parts.prepare();
  cores.start_all(parts);
  processes.account().open(nullptr, all_there_is(process, parts));
  start_programs(process, processes);
  Task<> watching = handler.watch();
  runtime().loop.start(watching);
  const auto handled = runtime().loop.run(handler.handle_calls());
  print("monitor: cannot handle requests any more: {}\n", name_of(handled.error()));
  exit_process(kExitTrapped);
}

}  // namespace

std::string_view process_name() { return "monitor"; }

// The dispatcher's first upcall (lib/start.S).
extern "C" [[noreturn]] void start(DispatcherFrame& frame) { start_first_process(frame, run); }

}  // namespace sprat
