// frames.hh — frames that travel along with messages, to a process of any core: the receiver has one more capability to the frame, in a
// slot of its own, and both can map it. The message says so in fields of its interface:
//
//   struct Wanted { FrameTicket ticket; };        Rpc   load{"load", 2, loaded, field("ticket", &Wanted::ticket)}
//   struct Loaded { FrameSent picture; };         Reply loaded{"loaded", 1, field("picture", &Loaded::picture)}
//
//   receiver   ExpectedFrame picture;
//              picture.expect(connection)                                   Result<FrameTicket>, for the message
//              const auto reply = co_await peer.call<load>({ticket});
//              co_await picture.receive(reply.value().picture)              Result<void>; then picture.take()
//   sender     send_frame(connection, frame, wanted.ticket, kRead | kGrant) Result<FrameSent>, for the reply
//
// On one core or between two, the code is the same. The owner of a frame is the process that has made it, of its own RAM: revoke()
// deletes all copies on all cores, also copies that their holders have passed on. A frame of a process or core that ends is revoked.

#pragma once

#include "lib/travel.hh"

namespace sprat {

using FrameTicket = CapTicket<Type::frame>;
using FrameSent = CapSent<Type::frame>;
using ExpectedFrame = ExpectedCap<Type::frame>;

// Sends a copy of `frame`, with its rights and those of `keep`, to the peer of `connection`, which has given `ticket`. It goes its own
// way: the result is for a message to the peer.
//   busy             too much is on its way: again later
//   no_capability    the frame is being revoked, or the peer has given no such ticket
//   no_rights        the frame may not be copied, or is no memory of a process
//   quota_exceeded, out_of_memory, peer_gone, invalid_argument (larger than 256 KiB)
Result<FrameSent> send_frame(const Connection& connection, CapRef<Type::frame> frame,
                             FrameTicket ticket, Rights keep = kAllRights);

// From now on, mint and revoke (caps.hh) ask the monitor about frames that other cores know of. Each program begins with that.
void ask_monitor_about_frames();

}  // namespace sprat
