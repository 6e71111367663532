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

#include "lib/caps.hh"
#include "lib/connection.hh"

namespace sprat {

// That one frame can be sent to the process that has made it; by the peer of one of its connections.
class FrameTicket {
 public:
  constexpr FrameTicket() = default;
  constexpr explicit FrameTicket(std::uint32_t number) : number_(number) {}
  constexpr std::uint32_t value() const { return number_; }
  bool operator==(const FrameTicket&) const = default;

 private:
  std::uint32_t number_ = 0;  // 0: none
};

// That a frame is on its way: from which core, in the upper half, and in which view.
class FrameSent {
 public:
  constexpr FrameSent() = default;
  constexpr explicit FrameSent(std::uint64_t raw) : raw_(raw) {}
  constexpr FrameSent(std::uint64_t source, std::uint64_t view) : raw_(source << 32 | view) {}
  constexpr std::uint64_t value() const { return raw_; }
  constexpr std::uint64_t source() const { return raw_ >> 32; }
  constexpr std::uint64_t view() const { return raw_ & 0xffff'ffff; }
  bool operator==(const FrameSent&) const = default;

 private:
  std::uint64_t raw_ = 0;
};

// A slot for a frame that the peer is to send.
class ExpectedFrame {
 public:
  ExpectedFrame() = default;
  ExpectedFrame(const ExpectedFrame&) = delete;
  ExpectedFrame& operator=(const ExpectedFrame&) = delete;
  // The frame is not wanted any more: if it comes, it goes back.
  ~ExpectedFrame() { abandon(); }

  // Makes a ticket for the peer of `connection`, which is connected. One that was expected before is abandoned.
  //   busy             this process or this core expects as many as it may: again later
  //   quota_exceeded, out_of_memory, peer_gone
  Result<FrameTicket> expect(const Connection& connection);

  // Waits for the frame that the peer says it has sent; take() returns it then.
  //   no_capability   it is being revoked, or its core has no room
  //   peer_gone       the core that was to send it is dead
  //   out_of_memory   on this core
  Task<> receive(FrameSent sent);
  Cap<Type::frame> take() { return std::move(frame_); }

 private:
  void abandon();

  FrameTicket ticket_;
  CapAddress slot_;         // of the ticket
  Cap<Type::frame> frame_;  // that has been received
};

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
