// core_requests.hh — requests about the cores of the system, by the endpoint that stands for the core (ProgramSlot::core), as in
// processes.hh:
//
//              words: request, then                       answer: status, then
//   view       —                                          the number of the last view; the cores in it, a bit each
//   stop       core; a notification goes along            —, when all others know of its death
//   start      core; a notification goes along            —, when it has joined
//
// The notification is signalled when the answer is there; until then it is `again` (late_answers.hh). Only core 0 stops and starts cores.
//   not_found          there is no such core
//   in_use             core 0 cannot be stopped
//   invalid_argument   this is not core 0
//   busy               start: the others do not know yet that it has stopped: again soon
//   peer_gone          the core was stopped before it joined

#pragma once

#include "lib/processes.hh"

namespace sprat {

enum class CoreRequest : std::uint8_t { view = first_request::over_core, stop, start };
static_assert(is_before(CoreRequest::start, first_request::over_remote_processes));

}  // namespace sprat
