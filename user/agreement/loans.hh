// loans.hh — RAM that cores lend to each other, in pieces of 2 MiB: a tree of three levels, so that each piece can be found.
//
// All RAM is core 0's in the beginning. It lends pieces to other cores, which are their homes. A home can lend a piece to one more
// core, a borrower, which does not lend it on: it returns the piece, and names the core that shall have it next.
//
//   borrower 1                        home 2                        core 3
//      │ takes it out of its window     │
//      ├── return, to 3, ticket 5 ────▶│
//      │                                ├── lend, ticket 5 ────────▶│
//      │                                │                            │ puts it into its window
//
// A piece leaves the window of one CPU driver before it enters another one's. To revoke it, the lender takes it back:
//
//   home 2                              borrower 1
//      ├── take ──────────────────────▶│ revokes all that was made of the piece
//      │◀────────────────────── return ─┤
//
// When a home dies, its borrowers tell core 0, before they have prepared the view without it, and are the homes from then on. When a
// borrower dies, its home waits for the commit of that view: only then does no other core have frames that the borrower made of
// the piece. Core 0 waits for more before it uses the pieces of a dead home again: that no stopped core is in the view, since that
// core may have been a borrower that could not say so, and others may have frames that it made. (model/owners.pml)

#pragma once

#include <span>

#include "agreement/coordinator.hh"
#include "agreement/memory.hh"
#include "agreement/range_operation.hh"
#include "agreement/tickets.hh"

namespace sprat::agreement {

class Loans final : private ViewObserver {
 public:
  // Take-backs of this core in progress.
  static constexpr std::size_t kMostOperations = 4;

  enum class State : std::uint8_t {
    unknown,
    here,      // in this core's window
    lent,      // a borrower has it, or it is on its way to it or from it
    ownerless  // on core 0: it was lent to a core that is dead
  };

  // A piece that this core has or has lent.
  struct Piece {
    PieceNumber number = 0;
    State state = State::unknown;
    CoreNumber lender = 0;          // or this core, if that is core 0
    CoreNumber borrower = 0;        // if it is lent
    bool is_taken = false;          // if it is lent: the borrower was sent Take
    bool is_being_vacated = false;  // the lender takes it back
  };

  // Room for so many pieces; all must outlive this. `coordinator`: on core 0, else null.
  Loans(Member& member, Platform& platform, RamMemory& memory, Tickets& tickets,
        const Coordinator* coordinator, std::span<Piece> pieces);

  // This core has `piece` from the beginning, without a message: it is core 0, or core 0 has said had_from_start() of it there.
  //   out_of_memory   for one more piece
  Result<void> has_from_start(PieceNumber piece);

  // On core 0: core `core` has `piece`, for which may_give() holds and which has left the window, from its start.
  void had_from_start(PieceNumber piece, CoreNumber core);

  //@ since memory
  // On core 0: `piece`, for which may_give() holds, is no piece any more: this core has it as other RAM.
  void forget(PieceNumber piece);

  //@ end
  // Whether `piece` is here, and is not being taken back.
  bool may_give(PieceNumber piece) const;

  // Gives `piece` to core `to`. From core 0 or a home: one message. From a borrower: two. To the lender: one. No answer.
  //   not_found          it is not here
  //   invalid_argument   `to` is this core
  //   no_capability      it is being taken back
  //   in_use             something has been made of it
  //   peer_gone          core `to` is not in the system
  //   busy               the link has no room now
  Result<void> give(PieceNumber piece, CoreNumber to, TicketNumber ticket);

  // The core that will be the source of `piece` for core `to`, if this core gives it there (Tickets::receive).
  CoreNumber source_of(PieceNumber piece, CoreNumber to) const;

  // Returns `piece` to its lender: one message, and no answer. Errors: those of give().
  Result<void> give_back(PieceNumber piece);

  // Takes back all pieces in `range` that this core has lent, and lends none of them until it ends: two messages for each. It goes on
  // if the task is destroyed.
  //   busy            kMostOperations are in progress
  //   out_of_memory   for the coroutine
  Task<> take_back(Range range);

  // On core 0: core `core` has been stopped before it was in a view. Takes back the pieces that it had from its start.
  void never_joined(CoreNumber core);

  // All that was made of `piece` is revoked (RamMemory::vacate).
  void vacated(PieceNumber piece);

  // The record of `piece` on this core; null: it has none.
  const Piece* look_up(PieceNumber piece) const;

  bool is_at_rest() const;

  // From the monitor of another core.
  void handle(CoreNumber from, const Lend& message);
  void handle(CoreNumber from, const Return& message);
  void handle(CoreNumber from, const Take& message);
  void handle(CoreNumber from, const Orphan& message);

 private:
  Piece* find(PieceNumber piece);
  Piece* add(PieceNumber piece, CoreNumber lender);
  bool is_being_taken(PieceNumber piece) const;
  void post_to(Piece& piece, CoreNumber to, TicketNumber ticket, CoreNumber asker);
  void put_here(Piece& piece, TicketNumber ticket, CoreNumber asker);
  void take(Piece& piece);
  void go_on();

  void prepare(const Prepare& change) override;
  void commit(const Commit& change) override;

  Member& member_;
  Platform& platform_;
  RamMemory& memory_;
  Tickets& tickets_;
  const Coordinator* coordinator_;
  std::span<Piece> pieces_;
  std::array<RangeOperation, kMostOperations> operations_{};
};

}  // namespace sprat::agreement
