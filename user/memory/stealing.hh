// stealing.hh — memory servers that lend each other whole pieces: an empty one asks the others, each once, the richest first.
//
//   server 1, empty                     server 2                        server 3
//      ├── steal, tickets 5 to 8 ─────▶│ has nothing above its reserve
//      │◀─────────────────────── none ──┤
//      ├── steal, tickets 9 to 12 ─────────────────────────────────────▶│ gives half of its pieces above its reserve
//      │◀──────────────────────────────────────── lend, tickets 10, 9 ──┤   (agreement/loans.hh)
//
// A server answers at once from its free pieces, whether or not it waits for pieces itself. So no server waits for one that waits, and N - 1
// questions end each request. The answer is the piece for the first ticket, which is given last: with it, all others are there.
//
// A piece costs two messages at most if its home gives it. One that the giver has borrowed goes by its home, alone: three messages.
//
// Loans go back whole, when more than `high` pieces are free, until `low` are: high - low >= 2, so that a server whose need rises and falls
// by one piece sends nothing.

#pragma once

#include <optional>

#include "agreement/core_set.hh"
#include "memory/messages.hh"

namespace sprat::memory {

// The whole pieces of a server.
class Pieces {
 public:
  // Returns how many are free.
  virtual std::uint32_t free() const = 0;

  // Takes out a free piece: one of which this core is the home, or one that is borrowed; none: there is no such piece.
  virtual std::optional<PieceNumber> take(bool is_borrowed) = 0;

  // A piece that take() has returned is free again, since it could not be sent.
  virtual void put_back(PieceNumber piece) = 0;

  // A request has ended: pieces have come, or with an error no peer gave any. May call Stealing::want().
  virtual void request_ended(Result<void> result) = 0;

 protected:
  ~Pieces() = default;
};

// The ways to the servers of other cores.
class Lender {
 public:
  // The cores whose servers can be asked; this one may be among them.
  virtual const agreement::CoreSet& peers() const = 0;

  // Never waits. Fills in the view.
  virtual void send(CoreNumber core, Steal message) = 0;
  virtual void send(CoreNumber core, None message) = 0;

  // Makes a ticket for one piece that core `core` will have sent (agreement/tickets.hh).  The errors of Tickets::expect
  virtual Result<TicketNumber> expect(CoreNumber core) = 0;

  // No piece is expected for `ticket`, for which nothing waits, any more. One that has come stays.
  virtual void abandon(TicketNumber ticket) = 0;

  // Begins to wait for the piece for `ticket` from `core`: Stealing::answered(ticket, …) is called later, when it has come, or when it
  // is certain that it will not.
  virtual void await(TicketNumber ticket, CoreNumber core) = 0;

  // The piece for `ticket` will not come: its wait ends with an error, unless it has ended.
  virtual void refused(TicketNumber ticket, CoreNumber core) = 0;

  // Gives `piece`, or gives it back to its lender (agreement/loans.hh). With an error it is still here.
  virtual Result<void> give(PieceNumber piece, CoreNumber to, TicketNumber ticket) = 0;
  virtual Result<void> give_back(PieceNumber piece) = 0;

  // Returns the core that will send `piece` to core `to`.
  virtual CoreNumber source_of(PieceNumber piece, CoreNumber to) const = 0;

 protected:
  ~Lender() = default;
};

class Stealing {
 public:
  // In whole pieces. high >= low + 2.
  struct Limits {
    std::uint32_t reserve = 1;  // this many are not given
    std::uint32_t low = 1, high = 3;
  };

  // Of core `self`. Both others must outlive this.
  Stealing(CoreNumber self, Pieces& pieces, Lender& lender, Limits limits)
      : self_(self), pieces_(pieces), lender_(lender), limits_(limits) {}

  // Asks for pieces, unless that is being done already. Pieces::request_ended() follows, maybe before this returns.
  void want();

  // Blocks were released: gives loans back, if enough is free.
  void released();

  // How the wait for `ticket` has ended.
  void answered(TicketNumber ticket, Result<void> result);

  // A view without `core` is being prepared: nothing that it has sent comes any more.
  void peer_died(CoreNumber core);

  bool is_asking() const { return asked_.has_value(); }

  // From the server of another core.
  void handle(CoreNumber from, const Steal& message);
  void handle(CoreNumber from, const None& message);

 private:
  // A piece on its way by a third core to a server that waits for it.
  struct Gift {
    TicketNumber ticket = 0;  // 0: there is none
    CoreNumber source = 0;
  };

  void ask_next();
  std::optional<CoreNumber> next_peer() const;
  bool ask(CoreNumber peer);
  bool give_own(CoreNumber to, const Steal& request);
  bool give_borrowed(CoreNumber to, TicketNumber ticket);
  std::uint32_t surplus() const;

  const CoreNumber self_;
  Pieces& pieces_;
  Lender& lender_;
  const Limits limits_;
  std::optional<CoreNumber> asked_;  // the peer that has been asked last, and has not answered
  std::array<TicketNumber, Steal::kMostPieces> tickets_{};
  agreement::CoreSet left_;  // peers that this request has not asked
  std::array<std::uint32_t, agreement::kMostCores> known_free_{};  // last heard of, by core
  std::array<Gift, agreement::kMostCores> gifts_{};                // by receiver
};

}  // namespace sprat::memory
