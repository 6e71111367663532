// lent_ram.hh — RAM that travels along with messages, to a process of any core, in pieces of 2 MiB. It moves: the sender has it no
// longer. The message says so in fields of its interface, as for frames (frames.hh):
//
//   struct Wanted { RamTicket ticket; };          Rpc   more{"more", 2, lent, field("ticket", &Wanted::ticket)}
//   struct Lent { RamSent piece; };               Reply lent{"lent", 1, field("piece", &Lent::piece)}
//
//   receiver   ExpectedRam piece;
//              piece.expect(connection)                                     Result<RamTicket>, for the message
//              const auto reply = co_await peer.call<more>({ticket});
//              co_await piece.receive(reply.value().piece)                  Result<void>; then piece.take()
//   sender     send_ram(connection, piece, wanted.ticket)                   Result<RamSent>, for the reply
//
// On one core or between two, the code is the same. The owner of a piece is the process that took it from the system, and it counts in
// that process's quota wherever it is. So it is lent: a piece that its receiver gives back, or that is left when the receiver
// ends, is its owner's again, which is signalled by its doorbell; and the owner can take it back at any time, with all that was made of
// it. A piece whose owner ends is taken back as well. If the core of the owner is dead, its receiver keeps the piece until it ends.

#pragma once

#include "lib/travel.hh"

namespace sprat {

inline constexpr unsigned kRamPieceBits = 21;

using RamTicket = CapTicket<Type::ram>;
using RamSent = CapSent<Type::ram>;
using ExpectedRam = ExpectedCap<Type::ram>;

// Takes one more piece from the system, unused: this process is its owner.
//   quota_exceeded   this process may have no more memory
//   out_of_memory    there is no piece, or this core has as many as it may
//   busy             this process or this core expects as many as it may: again later
Task<Cap<Type::ram>> take_ram();

// Gives `piece`, of which nothing is made, back to its owner, or to the system if this process is that; it names nothing then.
//   in_use, no_rights (it is no piece, or a part of one)
Result<void> give_back_ram(Cap<Type::ram>& piece);

// Sends `piece`, of which nothing is made, to the peer of `connection`, which has given `ticket`; it names nothing then. It goes its own
// way: the result is for a message to the peer.
//   in_use           something is made of it
//   busy             too much is on its way: again later
//   no_capability    it is being taken back, or the peer has given no such ticket
//   no_rights        it is no piece, or a part of one
//   quota_exceeded, out_of_memory, peer_gone
Result<RamSent> send_ram(const Connection& connection, Cap<Type::ram>& piece, RamTicket ticket);

// Takes back the piece at the physical address `base`, which this process owns and has not got, from the process that has it: all
// that was made of it is revoked.
//   no_rights        this process does not own it
//   out_of_memory
Task<Cap<Type::ram>> take_back_ram(std::uint64_t base);

}  // namespace sprat
