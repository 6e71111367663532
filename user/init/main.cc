// main.cc — init, the first process of a core: starts the other cores if it is on the first, then the programs of its own,
// then handles their requests.

//@ since urpc
#include "init/broker.hh"
//@ end
#include "init/census.hh"
#include "init/cores.hh"
#include "init/service.hh"
#include "lib/console.hh"
#include "lib/first_process.hh"

namespace sprat {
namespace {

void say_what_there_is(const FirstProcess& process) {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < process.ram_regions; ++i) bytes += process.ram[i].bytes;
  print("init of core {}: {} MiB of RAM, {} {}\n", process.core_id, bytes >> 20, process.modules,
        process.modules == 1 ? "module" : "modules");
}

// Programs that name this core; on the first core, the shell as well unless it names another. The shell may have all that
// there is, and each of the others half of it.
void start_programs(const FirstProcess& process, init::Processes& processes) {
  init::Account& account = processes.account();
  for (std::size_t i = 0; i < process.modules; ++i) {
    const init::BootFile file{&process.module[i], i};
    const bool is_shell = file.name() == "shell";
    const bool is_ours = file.names_core(process.core_id) ||
                         (is_shell && process.core_id == 0 && !file.names_a_core());
    if (!is_ours || file.name() == "init") continue;
    const auto number = processes.start(file, {.command_line = file.command_line(),
                                               .account = account,
                                               .quota = account.limit() / (is_shell ? 1 : 2),
                                               .is_shell = is_shell});
    if (!number)
      print("init core {}: {} does not start: {}\n", process.core_id, file.name(),
            name_of(number.error()));
  }
}

// The quota of all processes of this core together.
Quota all_there_is(const FirstProcess& process) {
  std::uint64_t bytes = 0;
  for (std::size_t i = 0; i < process.ram_regions; ++i) bytes += process.ram[i].bytes;
  Quota quota = init::kCostOfProcess * init::kMaxProcesses;
  //@ since urpc
  quota = quota + init::Broker::kCostOfFirstEnd * init::Broker::kMaxChannels;
  //@ end
  quota.memory = bytes - runtime().ram.bytes_made();
  return quota;
}
//@ since urpc

Result<void> link(const FirstProcess& process, init::Links& links, init::Broker& broker,
                  init::CensusTaker& census_taker) {
  const auto prepared = links.prepare(broker, census_taker);
  return prepared && process.core_id != 0 ? links.join() : prepared;
}
//@ end

void run() {
  const FirstProcess& process = first_process();
  say_what_there_is(process);
  init::Processes processes(process);
  init::Cores cores(process);
  init::CensusTaker census_taker(process, processes);
  init::Service service(process, processes, cores, census_taker);
  auto prepared = processes.prepare();
  if (prepared) prepared = service.prepare();
  if (!prepared) {
    print("init: cannot be called: {}\n", name_of(prepared.error()));
    exit_process(kExitTrapped);
  }
  //@ since urpc
  init::Links links(process);
  init::Broker broker(process, processes, links);
  processes.set_broker(broker);
  service.set_broker(broker);
  census_taker.set_broker(broker, links);
  cores.set_link_maker(
      [](void* self, std::uint32_t core, std::uint32_t apic_id) {
        return static_cast<init::Links*>(self)->add(core, apic_id);
      },
      &links);
  if (const auto linked = link(process, links, broker, census_taker); !linked)
    print("init core {}: no channels: {}\n", process.core_id, name_of(linked.error()));
  //@ end
  cores.start_all();
  processes.account().open(nullptr, all_there_is(process));
  start_programs(process, processes);
  Task<> watching = service.watch();
  runtime().loop.start(watching);
  const auto served = runtime().loop.run(service.serve());
  print("init: cannot handle requests any more: {}\n", name_of(served.error()));
  exit_process(kExitTrapped);
}

}  // namespace

std::string_view process_name() { return "init"; }

// The dispatcher's first upcall (lib/start.S).
extern "C" [[noreturn]] void start(DispatcherFrame& frame) { start_first_process(frame, run); }

}  // namespace sprat
