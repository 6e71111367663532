// processes.hh — what a process can ask of the init that made it, by LRPC.
//
//              words: request, then                       answer: status (0, or 1 + Error), then
//   exit       code                                       never comes
//   text       32 bytes of a command line, in order       —
//   run        —                                          process number
//   wait       process number; a notification goes along, —
//              which is signalled when the process ends
//   kill       process number                             —
//   process    n, from 0                                  number, DispatcherState, 16 bytes of its name
//   core       n, from 0                                  core's number, APIC id, CoreState
//   memory     —                                          bytes of RAM, given to other cores, to processes, to init
//   power_off  1 for success                              never comes
//   offer      —; an endpoint goes along, which others    —
//              find by my name until I end
//   find       16 bytes of a process's name               —; the endpoint it offered comes along
//@ since urpc
//
// Channels to processes of other cores (connection.hh), by number:
//   bell       —; a notification goes along, which       —
//              is what my doorbell signals
//   endpoint   —; an endpoint goes along, by which        —
//              processes of this core send me lines
//   listen     —: others may connect to my name           —
//   connect    core, 16 bytes of a process's name         channel
//   accept     —                                          channel; `again`: nobody has connected
//   channel    channel                                    Side, bytes; the frame comes along; `again`: not bound yet
//   peers_bell channel                                    —; one line of another core's comes along
//   peers_endpoint channel                                —; the other's, for lines of this channel, comes along;
//                                                         `not_found`: it is on another core, or is myself
//   close      channel                                    —
//@ end
//
// The endpoint's badge is the number of the process that asks.

#pragma once

#include <string_view>

#include "lib/caps.hh"
#include "lib/lrpc.hh"

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
  //@ since urpc
  bell,
  endpoint,
  listen,
  connect,
  accept,
  channel,
  peers_bell,
  peers_endpoint,
  close,
  //@ end
};

// Codes by which processes end that did not choose one.
inline constexpr std::uint64_t kExitTrapped = 255;

// The first word of the command line.
std::string_view process_name();

// Ends this process, with all it has.
[[noreturn]] void exit_process(std::uint64_t code);

// Asks init; gives what it answers, without the status.  The errors of `call`, or init's.
Result<Answer> ask_init(const Words& words, CapAddress capability = {});

// The same, for a capability that comes along with the answer.  not_found: none came
template <Type kObject>
struct Received {
  Cap<kObject> capability;
  Words words;
};
template <Type kObject>
Result<Received<kObject>> ask_init_for(const Words& words) {
  Words came;
  auto capability = fill_slot<kObject>([&](CapAddress slot) -> Result<void> {
    receive_into(slot);
    const auto answer = ask_init(words);
    receive_into(CapAddress());
    if (!answer) return answer.error();
    if (answer.value().capability != slot) return Error::not_found;
    came = answer.value().words;
    return {};
  });
  if (!capability) return capability.error();
  return Received<kObject>{std::move(capability.value()), came};
}

// Asks init; gives the words after the status.
Result<Words> ask_init(Request request, std::uint64_t a1 = 0, std::uint64_t a2 = 0,
                       CapAddress capability = {});

// Asks init to run `command_line`: the name of a module, and words for it. Gives the process's number.
//   not_found        there is no such module on this core
//   out_of_memory, malformed, ...
Result<std::uint64_t> run_program(std::string_view command_line);

// Has `end` signalled when the process ends, and nobody else's notification.  not_found: it has ended
Result<void> signal_at_end(std::uint64_t process, CapRef<Type::notification> end);

// The n-th process of this core, from 0.  not_found: there are fewer
using ProcessName = std::array<char, 16>;
struct ProcessInfo {
  std::uint64_t number, state;
  ProcessName name;  // what is not used of it is zero
};
Result<ProcessInfo> nth_process(std::uint64_t n);

// From now on `endpoint` is what others find by this process's name.
Result<void> offer_service(CapRef<Type::endpoint> endpoint);

// A copy of the endpoint that a process of this name offered; it names nothing when that process has ended.
//   not_found   there is none, or not yet
Result<Cap<Type::endpoint>> find_service(std::string_view name);

}  // namespace sprat
