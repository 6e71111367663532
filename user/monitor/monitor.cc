// monitor.cc — the parts in their order, and the order of a monitor's life.

#include "monitor/monitor.hh"

#include <new>

#include "lib/console.hh"
#include "lib/first_process.hh"
#include "lib/runtime.hh"

namespace sprat::monitor {
namespace {

// The quota of all processes of this core together.
Quota all_there_is(const FirstProcess& process, const Parts& parts) {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < process.ram_regions; ++i) bytes += process.ram[i].bytes;
  Quota quota = kCostOfProcess * kMaxProcesses + parts.quota();
  quota.memory = bytes - runtime().ram.bytes_made();
  return quota;
}

}  // namespace

// The part that was added last comes first.
Monitor::Monitor(const FirstProcess& process) : process_(process) {
  //@ since memory
  processes_.set_memory(memory_);
  parts_.add(memory_);
  //@ end
  //@ since monitor
  parts_.add(late_answers_);
  parts_.add(views_);
  views_.set_memory(frames_, lent_ram_);
  parts_.add(frames_);
  parts_.add(lent_ram_);
  //@ end
  //@ since memory
  parts_.add(lending_);
  //@ end
  //@ since monitor
  parts_.add(remote_processes_);
  parts_.add(services_);
  parts_.add(console_);
  //@ end
  //@ since urpc
  parts_.add(channels_);
  //@ end
}

void Monitor::run(void (*start_programs)(const FirstProcess& process, Processes& processes)) {
  auto prepared = processes_.prepare();
  if (prepared) prepared = handler_.prepare();
  if (!prepared) {
    print("monitor: cannot be called: {}\n", name_of(prepared.error()));
    exit_process(kExitTrapped);
  }
  parts_.prepare();
  cores_.start_all(parts_);
  Quota quota = all_there_is(process_, parts_);
  //@ since monitor
  quota.memory += lent_ram_.most_from_others();
  //@ end
  //@ since memory
  quota.memory += lending_.most_from_others();
  //@ end
  processes_.account().open(nullptr, quota);
  //@ since memory
  if (const auto started = memory_.start(); !started && started.error() != Error::not_found)
    end_with_error("its memory server", started.error());
  lending_.begin();
  //@ end
  //@ since monitor
  if (process_.core_id != agreement::kCoordinator) processes_.hold();  // until it has joined
  //@ end
  start_programs(process_, processes_);
  Task<> watching = handler_.watch();
  runtime().loop.start(watching);
  const auto handled = runtime().loop.run(handler_.handle_calls());
  print("monitor: cannot handle requests any more: {}\n", name_of(handled.error()));
  //@ since monitor
  drain_console();
  //@ end
  exit_process(kExitTrapped);
}

Monitor& make_monitor(const FirstProcess& process) {
  auto* const monitor = new (std::nothrow_t{}) Monitor(process);
  if (monitor == nullptr) end_with_error("its parts", Error::out_of_memory);
  return *monitor;
}

}  // namespace sprat::monitor
