// frame_requests.hh — requests of a process to its monitor for frames that travel to processes of any core (frames.hh), by its
// own endpoint, as in processes.hh. Slots are those of the process's own CSpace:
//
//              words: request, then                       answer: status, then
//   expect     channel, an empty slot, a type             ticket, of a capability of that type (frame or ram) that will come into
//                                                         the slot
//   send       channel, ticket of the peer's, slot of     the frame's source, and a view: the peer needs them
//              a frame, rights to keep
//   receive    ticket, source, view                       —: the capability is in the slot; `again`: not yet, the doorbell says when
//   abandon    ticket                                     —
//   copy       slot of a frame, an empty slot, rights     —
//   revoke     address, bytes, of the process's RAM       —: no other core has frames of it, and none is sent before `revoked`;
//                                                         `again`
//   revoked    —                                          —
//   frames     —                                          frames of this core that others have; frames of others; tickets; lines
//                                                         that the monitor has posted for frames
//
//   busy            so many tickets are in use, or so many lines wait, that this must be tried again later
//   quota_exceeded  the receiver may have no more capabilities of the monitor's, or the process that owns the frame
//   no_capability   the frame is being revoked; there is no such ticket
//   no_rights       the frame may not be copied; or its memory is no process's own: a channel's, for example
//   peer_gone       the peer has ended, or its core or the frame's is dead

#pragma once

#include "lib/processes.hh"

namespace sprat {

enum class FrameRequest : std::uint8_t {
  expect = first_request::frames,
  send,
  receive,
  abandon,
  copy,
  revoke,
  revoked,
  frames,
};
static_assert(is_before(FrameRequest::frames, first_request::ram));

inline Result<Words> ask_monitor(FrameRequest request, std::uint64_t a1 = 0, std::uint64_t a2 = 0,
                                 std::uint64_t a3 = 0, std::uint64_t a4 = 0) {
  const auto answer = TRY(ask(kMonitor, {static_cast<std::uint64_t>(request), a1, a2, a3, a4}));
  return answer.words;
}

}  // namespace sprat
