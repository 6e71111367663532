// core_requests.hh — requests about the cores of the system, by the endpoint that stands for the core (ProgramSlot::core), as in
// processes.hh:
//
//              words: request, then                       answer: status, then
//   view       —                                          the number of the last view; the cores in it, a bit each
//   stop       core; a notification goes along            —, when all others know of its death
//   start      core; a notification goes along            —, when it has joined
//   frame      n, from 0                                  of the n-th frame that this core shares with others: address, bytes,
//                                                         the core that owns it; cores that may have copies, a bit each, if that
//                                                         is this core
//   piece      n                                          of the n-th piece of RAM that this core has lent or borrowed: address,
//                                                         bytes, the core that lends it, the one that has it, as a bit
//
// The notification is signalled when the answer is there; until then it is `again` (late_answers.hh). Only core 0 stops and starts cores.
//   not_found          there is no such core, frame or piece
//   in_use             core 0 cannot be stopped
//   invalid_argument   this is not core 0
//   busy               start: the others do not know yet that it has stopped: again soon
//   peer_gone          the core was stopped before it joined

#pragma once

#include "lib/processes.hh"

namespace sprat {

enum class CoreRequest : std::uint8_t {
  view = first_request::over_core,
  stop,
  start,
  frame,
  piece
};
static_assert(is_before(CoreRequest::piece, first_request::over_remote_processes));

}  // namespace sprat
