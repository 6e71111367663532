// commands.cc — asking the monitor and the kernel, and printing tables.

#include "shell/commands.hh"

#include "lib/caps.hh"
#include "lib/console.hh"
//@ since monitor
#include "lib/core_requests.hh"
//@ end
#include "lib/processes.hh"
//@ since monitor
#include "lib/remote_processes.hh"
#include "lib/service_names.hh"
//@ end
#include "lib/startup.hh"
#include "lib/words.hh"

namespace sprat::shell {
namespace {

std::string_view name_of_state(std::uint64_t state) {
  constexpr std::array<std::string_view, 6> kNames{"unconfigured", "suspended", "runnable",
                                                   "waiting",      "calling",   "stopped"};
  return state < kNames.size() ? kNames[state] : "?";
}

std::string_view name_of_core_state(std::uint64_t state) {
  constexpr std::array<std::string_view, 6> kNames{"absent",  "loaded",   "started",
                                                   "running", "stopping", "stopped"};
  return state < kNames.size() ? kNames[state] : "?";
}

void help() {
  for (const Command& command : commands()) print("{-24} {}\n", command.name, command.help);
  print("{-24} {}\n", "run PROGRAM WORDS... [&]",
        "runs a program, until it ends or ^C; with & meanwhile");
  print("{-24} {}\n", "kill NUMBER", "ends a process");
  //@ since monitor
  print("{-24} {}\n", "run CORE PROGRAM WORDS...", "runs a program on another core");
  print("{-24} {}\n", "kill CORE.NUMBER", "ends a process of another core");
  //@ end
  //@ since memory
  print("{-24} {}\n", "run memory=MIB ...", "runs it with so much memory at most");
  //@ end
  //@ since monitor
  print("{-24} {}\n", "stop CORE", "stops a core, whatever it does");
  print("{-24} {}\n", "start CORE", "starts a core that was stopped");
  //@ end
  print("{-24} {}\n", "^D", "waits for all processes, then turns the machine off");
}

//@ since monitor
void print_cores(std::uint64_t cores) {
  for (std::uint64_t core = 0; core < kMaxCores; ++core)
    if ((cores >> core & 1) != 0) print(" {}", core);
  print("\n");
}

// The cores that have agreed to be one system.
void view() {
  const auto answer = ask(kOwnCore, {static_cast<std::uint64_t>(CoreRequest::view)});
  if (!answer) return complain("the monitor does not say", name_of(answer.error()));
  const Words& words = answer.value().words;
  print("view {}:", words[0]);
  print_cores(words[1]);
}

//@ end
void cores() {
  //@ since monitor
  view();
  //@ end
  print("core  APIC  state\n");
  for (std::uint64_t n = 0;; ++n) {
    const auto core = ask(kOwnCore, {static_cast<std::uint64_t>(Request::core), n});
    if (!core) return;
    const auto& [number, apic_id, state, unused, more] = core.value().words;
    print("{4}  {4}  {}\n", number, apic_id, name_of_core_state(state));
  }
}

void processes() {
  print("number  name              state\n");
  for (std::uint64_t n = 0;; ++n) {
    const auto process = nth_process(n);
    if (!process) break;
    const auto& [number, state, name, endpoint] = process.value();
    print("{6}  {-16}  {}\n", number, until_zero({name.data(), name.size()}), name_of_state(state));
  }
}

//@ since monitor
void services() {
  print("name              core  process\n");
  for (std::uint64_t n = 0;; ++n) {
    const auto service = nth_service(n);
    if (!service) return;
    const auto& [core, process, name] = service.value();
    print("{-16}  {4}  {7}\n", until_zero({name.data(), name.size()}), core, process);
  }
}

//@ end
void capability(std::size_t node, std::size_t slot, const Identity& identity) {
  const auto letter = [&](Rights right, const char* name) {
    return identity.description.rights.has(right) ? name : "-";
  };
  print("{3}.{-3}  {-15}  {}{}{}{}  {-18}  {}\n", node, slot, name_of(identity.description.type),
        letter(kRead, "r"), letter(kWrite, "w"), letter(kExecute, "x"), letter(kGrant, "g"),
        VirtualAddress(identity.base), identity.bytes);
}

//@ since monitor
// Memory of which several cores know, as the monitor of this core does.
void shared_with_others(CoreRequest request, Type type) {
  for (std::uint64_t n = 0;; ++n) {
    const auto shared = ask(kOwnCore, {static_cast<std::uint64_t>(request), n});
    if (!shared) return;
    const auto& [base, bytes, owner, holders, unused] = shared.value().words;
    if (n == 0) print("{-15}  object              bytes    owner  at\n", name_of(type));
    print("                 {-18}  {-7}  {5} ", VirtualAddress(base), bytes, owner);
    print_cores(holders);
  }
}

//@ end
void own_capabilities() {
  print("  slot   type             rights object            bytes\n");
  for (std::size_t node = 1; node < kSlotsPerCNode; ++node) {
    for (std::size_t slot = 1; slot < kSlotsPerCNode; ++slot) {
      const auto words = invoke(CapAddress::in_root(node), Method::look, slot);
      if (!words && words.error() == Error::no_capability && slot == 1 && node > 2) return;
      if (!words) continue;
      const Identity identity = identity_of(words.value());
      if (identity.description.type != Type::null) capability(node, slot, identity);
    }
  }
}

void capabilities() {
  own_capabilities();
  //@ since monitor
  shared_with_others(CoreRequest::frame, Type::frame);
  shared_with_others(CoreRequest::piece, Type::ram);
  //@ end
}

void memory() {
  const auto bytes = ask(kOwnCore, {static_cast<std::uint64_t>(Request::memory)});
  if (!bytes) return complain("the monitor does not say", name_of(bytes.error()));
  const auto& [all, others, processes, own, unused] = bytes.value().words;
  print("{8} KiB of RAM\n", all >> 10);
  print("{8} KiB given to other cores\n", others >> 10);
  print("{8} KiB for processes\n", processes >> 10);
  print("{8} KiB the monitor's own\n", own >> 10);
  print("{8} KiB not used yet\n", (all - others - processes - own) >> 10);
}

// Of all cores that answer: numbers that are as before when all started processes have ended.
void census() {
  print("core  processes  dispatchers  waiters  doorbells  channels  early  slots  free KiB\n");
  for (std::uint64_t core = 0;; ++core) {
    const auto taken = census_of(core);
    if (!taken) return;
    const Census& c = taken.value();
    print("{4}  {9}  {11}  {7}  {9}  {8}  {5}  {5}  {8}\n", core, c.processes, c.dispatchers,
          c.waiters, c.doorbells, c.channels, c.early, c.slots, c.free_kib);
  }
}

constexpr auto kCommands = std::to_array<Command>({
    {"help", "says this", help},
    {"cores", "the cores of this machine, and whether they run", cores},
    {"ps", "the processes of this core", processes},
    //@ since monitor
    {"services", "the names of services, on whichever core", services},
    //@ end
    {"caps", "the capabilities of this shell", capabilities},
    {"mem", "the use of this core's RAM", memory},
    {"census", "the entries in the tables of each core's monitor", census},
    {"exit", "turns the machine off", leave},
});

//@ since monitor
// Asks the monitor of core 0 to do it.
Task<> change(CoreRequest request, std::string_view name, std::string_view words) {
  std::uint64_t core = 0;
  if (!parse_number(next_word(words), core)) {
    complain(name, "which core? cores lists them");
    co_return {};
  }
  const Words question{static_cast<std::uint64_t>(request), core};
  auto changed = co_await ask_and_wait(kOwnCore, question);
  while (!changed && changed.error() == Error::busy) {
    co_await runtime().loop.turn();
    changed = co_await ask_and_wait(kOwnCore, question);
  }
  if (!changed) complain(name, name_of(changed.error()));
  co_return {};
}

//@ end
}  // namespace

//@ since monitor
Task<> processes_of_others() {
  for (std::uint64_t core = 1; core < kMaxCores; ++core) {
    for (std::uint64_t n = 0;; ++n) {
      const auto process = co_await nth_process_of(core, n);
      if (!process) break;
      const auto& [number, state, name, endpoint] = process.value();
      print("{3}.{-4}{-16}  {}\n", core, number, until_zero({name.data(), name.size()}),
            name_of_state(state));
    }
  }
  co_return {};
}

Task<> stop_core(std::string_view words) { return change(CoreRequest::stop, "stop", words); }
Task<> start_core(std::string_view words) { return change(CoreRequest::start, "start", words); }

//@ end
void leave() {
  print("Good bye.\n");
  const auto off = ask(kOwnCore, {static_cast<std::uint64_t>(Request::power_off), 1});
  if (!off) complain("the machine stays on", name_of(off.error()));
}

std::span<const Command> commands() { return kCommands; }

void complain(std::string_view what, std::string_view why) { print("shell: {}: {}\n", what, why); }

}  // namespace sprat::shell
