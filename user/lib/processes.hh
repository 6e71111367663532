// processes.hh — requests of a process to the monitor that made it, by LRPC.
//
// The endpoint of a request decides which ones are allowed: its badge, which no process can change, says what it stands
// for.
//
//              words: request, then                       answer: status (0, or 1 + Error), then
//
// By its own endpoint (ProgramSlot::monitor) a process asks for itself:
//   exit       code                                       never comes
//   text       32 bytes of a command line, in order       —
//   run        Quota: processes, memory, channels, slots  process number; an endpoint, which stands for the new process,
//                                                         comes along
//   quota      —                                          the rest of my Quota, in the same order
//   offer      —; an endpoint goes along, which others    —
//              find by my name until I end
//   find       16 bytes of a process's name               —; the endpoint it offered comes along
//
// By an endpoint that stands for a process, which its parent has and may pass on (`not_found`: it has ended):
//   wait       —; a notification goes along, which is     —
//              signalled when the process ends
//   kill       —                                          —
//
// By the endpoint that stands for the core (ProgramSlot::core), which the shell has and may pass on:
//   process    n, from 0                                  number, DispatcherState, 16 bytes of its name; an endpoint, which
//                                                         stands for it, comes along
//   core       n, from 0                                  core's number, APIC id, CoreState
//   memory     —                                          bytes of RAM, given to other cores, to processes, to the monitor
//   census     core's number                              Census, in 4 words; `again`: that core is being asked
//   power_off  1 for success                              never comes

#pragma once

#include <string_view>

#include "lib/caps.hh"
#include "lib/lrpc.hh"
#include "lib/quota.hh"
#include "lib/startup.hh"

namespace sprat {

enum class Request : std::uint8_t {
  exit,
  text,
  run,
  wait,
  kill,
  process,
  core,
  memory,
  power_off,
  offer,
  find,
  quota,
  census,
};
//@ since urpc

// The numbers of the requests to the other parts of a monitor begin here, so that no two are equal.
namespace first_request {
inline constexpr std::uint8_t channels = 32;
}
template <class AnyRequest>
constexpr bool is_before(AnyRequest last, std::uint8_t next) {
  return static_cast<std::uint8_t>(last) < next;
}
static_assert(is_before(Request::census, first_request::channels));
//@ end
//@ since monitor
namespace first_request {
inline constexpr std::uint8_t console = 44;
inline constexpr std::uint8_t remote_processes = 48;
inline constexpr std::uint8_t services = 52;
inline constexpr std::uint8_t frames = 56;
inline constexpr std::uint8_t ram = 64;
// From here on they need authority over the core.
inline constexpr std::uint8_t over_core = 72;
inline constexpr std::uint8_t over_remote_processes = 80;
inline constexpr std::uint8_t over_services = 88;
}  // namespace first_request
//@ end
//@ since memory
namespace first_request {
inline constexpr std::uint8_t pieces = 70;
inline constexpr std::uint8_t over_memory = 92;
}  // namespace first_request
//@ end

// Codes by which processes end that did not choose one.
inline constexpr std::uint64_t kExitTrapped = 255;

// Returns the first word of the command line.
std::string_view process_name();

// Ends this process, with all it has.
[[noreturn]] void exit_process(std::uint64_t code);

// ---- asking

inline constexpr CapRef<Type::endpoint> kMonitor{task_slot(ProgramSlot::monitor)};
inline constexpr CapRef<Type::endpoint> kOwnCore{task_slot(ProgramSlot::core)};

// Asks the monitor by `endpoint`; returns its answer, without the status.  The errors of `call`, or the monitor's
Result<Answer> ask(CapRef<Type::endpoint> endpoint, const Words& words, CapAddress capability = {});

// The same, for a capability that comes along with the answer.  not_found: none came
template <Type kObject>
struct Received {
  Cap<kObject> capability;
  Words words;
};
template <Type kObject>
Result<Received<kObject>> ask_for(CapRef<Type::endpoint> endpoint, const Words& words,
                                  CapAddress goes_along = {}) {
  Words came;
  auto capability = fill_slot<kObject>([&](CapAddress slot) -> Result<void> {
    receive_into(slot);
    const auto answer = ask(endpoint, words, goes_along);
    receive_into(CapAddress());
    if (!answer) return answer.error();
    if (answer.value().capability != slot) return Error::not_found;
    came = answer.value().words;
    return {};
  });
  if (!capability) return capability.error();
  return Received<kObject>{std::move(capability.value()), came};
}

// Asks the monitor for this process itself; gives the words after the status.
Result<Words> ask_monitor(Request request, std::uint64_t a1 = 0, std::uint64_t a2 = 0,
                          CapAddress capability = {});

// ---- processes

// Asks the monitor to run `command_line`: the name of a module, and words for it. The new process and all that it starts may have
// no more than `quota`, and all of it counts in this process's quota as well.
//   not_found        there is no such module on this core
//   quota_exceeded   this process may not have one more
//   out_of_memory, malformed, ...
struct Child {
  std::uint64_t number = 0;
  Cap<Type::endpoint> process;  // stands for it
};
Result<Child> run_program(std::string_view command_line, const Quota& quota = kParentsQuota);

// The first half of that: tells the monitor the command line of the next child.
Result<void> tell_command_line(std::string_view command_line);

// Returns the part of the quota that this process and all that it starts may still take.
Result<Quota> quota_left();

// Ends `process`.  not_found: it has ended
Result<void> kill(CapRef<Type::endpoint> process);

// Has `end` signalled when `process` ends, once, however often it is asked for.
//   not_found        it has ended
//   quota_exceeded   as many others as may wait for it do so
Result<void> signal_at_end(CapRef<Type::endpoint> process, CapRef<Type::notification> end);

// Makes `endpoint` the one that other processes find by this process's name.
Result<void> offer_service(CapRef<Type::endpoint> endpoint);

// Returns a copy of the endpoint that a process of this name offered; it names nothing when that process has ended.
//   not_found   there is none, or not yet
Result<Cap<Type::endpoint>> find_service(std::string_view name);

// ---- the core, for processes that have its endpoint; others get no_capability

// The n-th process of this core, from 0.  not_found: there are fewer
using ProcessName = std::array<char, 16>;
struct ProcessInfo {
  std::uint64_t number = 0, state = 0;
  ProcessName name{};           // ends with zeros
  Cap<Type::endpoint> process;  // stands for it
};
Result<ProcessInfo> nth_process(std::uint64_t n);

// The number of entries in the monitor's tables. It is as before when all started processes have ended.
struct Census {
  std::uint32_t processes = 0;
  std::uint32_t dispatchers = 0;
  std::uint32_t waiters = 0;    // notifications that wait for the end of a process
  std::uint32_t doorbells = 0;  // processes whose doorbell is known
  std::uint32_t channels = 0;   // ends of channels, half made and half closed ones among them
  std::uint32_t early = 0;      // connections to processes that do not listen yet
  std::uint32_t slots = 0;      // of the monitor's
  std::uint32_t free_kib = 0;   // of RAM that is not in use

  bool operator==(const Census&) const = default;
};
static_assert(sizeof(Census) == 4 * sizeof(std::uint64_t));

// Returns the census of core `core`; waits for its monitor.
//   not_found   there is no such core
//   peer_gone   its monitor does not answer
Result<Census> census_of(std::uint64_t core);

}  // namespace sprat
