// ram_requests.hh — requests of a process to its monitor for RAM that travels to processes of any core (lent_ram.hh), by its own
// endpoint, as in processes.hh. Slots are those of the process's own CSpace, and all RAM is a piece of 2 MiB, unused:
//
//              words: request, then                       answer: status, then
//   take       an empty slot                              ticket, source, view: for FrameRequest::receive
//   give_back  slot of a piece                            —: it is its owner's again, or the system's if that is this process
//   send       channel, ticket of the peer's, slot of     the piece's source, and a view: the peer needs them
//              a piece
//   take_back  address, an empty slot                     —: the piece, which this process owns, is in the slot; `again`: it is being
//                                                         taken from the process that has it, the doorbell says when it is not
//   pieces     —                                          pieces of RAM here, lent to other cores, borrowed from others (among those
//                                                         here); lines that the monitor has posted for RAM
//
//   busy            so many tickets are in use, or so many lines wait, that this must be tried again later
//   quota_exceeded  the process may have no more memory, or the receiver no more capabilities of the monitor's
//   in_use          something is made of the piece
//   no_rights       the RAM is no piece of this process's
//   no_capability   the piece is being taken back; there is no such ticket; or there is no such capability
//   peer_gone       the peer has ended, or its core is dead

#pragma once

#include "lib/processes.hh"

namespace sprat {

enum class RamRequest : std::uint8_t {
  take = first_request::ram,
  give_back,
  send,
  take_back,
  pieces,
};
static_assert(is_before(RamRequest::pieces, first_request::over_core));

inline Result<Words> ask_monitor(RamRequest request, std::uint64_t a1 = 0, std::uint64_t a2 = 0,
                                 std::uint64_t a3 = 0) {
  const auto answer = TRY(ask(kMonitor, {static_cast<std::uint64_t>(request), a1, a2, a3}));
  return answer.words;
}

}  // namespace sprat
