// tickets.hh — the receiving end of a capability that travels between cores.
//
// A process sends a capability to a process of another core along with a message. The message takes the channel of the two
// processes, and the capability takes the links of the monitors, from the core that orders all copies of its object, the
// source, which may be a third core. So one can arrive before the other, and a ticket brings them together:
//
//   receiver                              asker                          source
//      expect(asker): ticket 5
//      ├── channel: "5 is for you" ─────▶│
//      │                                 ├── copy, ticket 5 ───────────▶│
//      │◀── channel: "it comes with 5, ──┤
//      │     from source, in view 9"     │
//      │◀──────────────────────────── recv, ticket 5 ───────────────────┤
//      receive(5, source, 9) ends
//
// A capability without a ticket goes back at once. A wait ends with an error if the asker or the source dies.

#pragma once

#include <optional>

#include "agreement/member.hh"
#include "agreement/memory.hh"

namespace sprat::agreement {

class Tickets final : private ViewObserver {
 public:
  static constexpr std::size_t kMostTickets = 64;

  // `member` and `platform` must outlive this.
  Tickets(Member& member, Platform& platform) : member_(member), platform_(platform) {
    member.observe(*this);
  }

  // Makes a ticket for one capability that core `asker` will have sent. The caller tells that core its number, by the channel with
  // number `channel` (below kMostChannels) here, and calls receive() or abandon() later.
  //   peer_gone       core `asker` is not in the system
  //   out_of_memory   kMostTickets are in use
  Result<TicketNumber> expect(CoreNumber asker, std::uint32_t channel = 0);

  // The channel by which a ticket was told. The asker sends a capability for it only to the peer of that channel, so a process that
  // guesses the number of a ticket cannot send anything for it.
  static constexpr std::uint32_t kMostChannels = 64;
  static std::uint32_t channel_of(TicketNumber ticket) { return ticket % kMostChannels; }

  // Waits for the capability, and returns its frame, or its RAM as a frame of 2^kPieceBits bytes. The asker says in its
  // message which core is the source, and the last view that it had prepared when it sent the message. If the task is destroyed,
  // the ticket is abandoned.
  //   no_capability   its object was being revoked, or is revoked now; its source has no room; or there is no such ticket
  //   peer_gone       the asker or the source is dead
  //   out_of_memory   here, for the capability or the coroutine
  Task<Frame> receive(TicketNumber ticket, CoreNumber source, ViewNumber view);

  // The capability is not wanted any more. One that has arrived stays where FrameMemory or RamMemory has put it. Not while receive() waits.
  void abandon(TicketNumber ticket);

  // ---- for the protocols

  bool is_expected(TicketNumber ticket, CoreNumber asker) const;

  // The capability for the expected `ticket` is there; or its wait is over because of `error`.
  void arrived(TicketNumber ticket, CoreNumber source, const Frame& frame);
  void failed(TicketNumber ticket, CoreNumber asker, Error error);

  // Capabilities to objects in `range` are being deleted: also the ones that have arrived and were not received.
  void taken_away(Range range, Error error);

  bool is_at_rest() const;

  // From the monitor of another core.
  void handle(CoreNumber from, const Refused& message);

 private:
  enum class State : std::uint8_t { free, expected, over };
  struct Ticket {
    State state = State::free;
    TicketNumber number = 0;
    CoreNumber asker = 0;
    std::optional<CoreNumber> source;  // if it is known
    Result<Frame> result = Error::no_capability;
    Waiter receiver;
  };
  class Over;  // co_await Over(ticket)

  Ticket* find(TicketNumber number);
  void end(Ticket& ticket, Result<Frame> result);

  void prepare(const Prepare& change) override;
  void commit(const Commit&) override {}

  Member& member_;
  Platform& platform_;
  TicketNumber last_number_ = 0;
  std::array<Ticket, kMostTickets> tickets_{};
};

}  // namespace sprat::agreement
