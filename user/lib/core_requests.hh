// core_requests.hh — requests about the cores of the system, by the endpoint that stands for the core (ProgramSlot::core), as in
// processes.hh:
//
//              words: request, then                       answer: status, then
//   view       —                                          the number of the last view; the cores in it, a bit each
//   stop       core                                       —; `again`: not all others know of its death yet
//   start      core                                       —; `again`: it has not joined yet
//
// Only core 0 stops and starts cores.
//   not_found          there is no such core
//   in_use             core 0 cannot be stopped
//   invalid_argument   this is not core 0

#pragma once

#include "lib/processes.hh"
#include "lib/system_call.hh"

namespace sprat {

// No number is also one of Request or of ChannelRequest.
enum class CoreRequest : std::uint8_t { view = 64, stop, start };

// Asks the monitor of this core, again and again while it says so; gives the words after the status.
inline Result<Words> ask_core(CoreRequest request, std::uint64_t argument = 0) {
  for (;;) {
    const auto answer = ask(kOwnCore, {static_cast<std::uint64_t>(request), argument});
    if (answer) return answer.value().words;
    if (answer.error() != Error::again) return answer.error();
    yield(Yield::stay);
  }
}

}  // namespace sprat
