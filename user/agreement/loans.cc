// loans.cc — one record for each piece, at each core that has it or has lent it; one operation for each take-back. No handler waits.

#include "agreement/loans.hh"

#include <algorithm>

namespace sprat::agreement {

Loans::Loans(Member& member, Platform& platform, RamMemory& memory, Tickets& tickets,
             const Coordinator* coordinator, std::span<Piece> pieces)
    : member_(member),
      platform_(platform),
      memory_(memory),
      tickets_(tickets),
      coordinator_(coordinator),
      pieces_(pieces) {
  member.observe(*this);
}

Result<void> Loans::has_from_start(PieceNumber piece) {
  if (add(piece, kCoordinator) == nullptr) return Error::out_of_memory;
  return {};
}

void Loans::had_from_start(PieceNumber number, CoreNumber core) {
  Piece* const piece = find(number);
  if (piece == nullptr) return;
  piece->state = State::lent;
  piece->borrower = core;
  piece->is_taken = false;
}

//@ since memory
void Loans::forget(PieceNumber number) {
  if (Piece* const piece = find(number)) piece->state = State::unknown;
}

//@ end
bool Loans::may_give(PieceNumber number) const {
  const Piece* const piece = look_up(number);
  return piece != nullptr && piece->state == State::here && !piece->is_being_vacated &&
         !is_being_taken(number);
}

Result<void> Loans::give(PieceNumber number, CoreNumber to, TicketNumber ticket) {
  Piece* const piece = find(number);
  if (piece == nullptr || piece->state != State::here) return Error::not_found;
  if (to == member_.self()) return Error::invalid_argument;
  if (!may_give(number)) return Error::no_capability;
  if (!member_.linked().has(to)) return Error::peer_gone;
  const bool is_home = piece->lender == kCoordinator;
  if (!platform_.has_room(is_home ? to : piece->lender)) return Error::busy;
  TRY(memory_.leave(number));
  post_to(*piece, to, ticket, member_.self());
  return {};
}

CoreNumber Loans::source_of(PieceNumber number, CoreNumber to) const {
  const Piece* const piece = look_up(number);
  const bool is_direct = piece == nullptr || piece->lender == kCoordinator || piece->lender == to;
  return is_direct ? member_.self() : piece->lender;
}

Result<void> Loans::give_back(PieceNumber number) {
  const Piece* const piece = find(number);
  if (piece == nullptr) return Error::not_found;
  return give(number, piece->lender, 0);
}

Task<> Loans::take_back(Range range) {
  RangeOperation* const operation = std::ranges::find(operations_, true, &RangeOperation::is_free);
  if (operation == operations_.end()) co_return Error::busy;
  operation->begin(range);
  OperationEnd ended(*operation);
  for (Piece& piece : pieces_)
    if (piece.state == State::lent && !piece.is_taken && range.has(frame_of(piece.number).base))
      take(piece);
  go_on();
  co_await ended;
  co_return {};
}

void Loans::vacated(PieceNumber number) {
  Piece* const piece = find(number);
  if (piece == nullptr || !piece->is_being_vacated) return;
  if (!memory_.leave(number)) __builtin_trap();  // against the contract of vacate()
  post<agreement::give_back>(platform_, piece->lender,
                             {member_.last_prepared(), 0, member_.self(), piece->lender, number});
  piece->state = State::unknown;
}

void Loans::never_joined(CoreNumber core) {
  for (Piece& piece : pieces_)
    if (piece.state == State::lent && piece.borrower == core) put_here(piece, 0, 0);
}

const Loans::Piece* Loans::look_up(PieceNumber piece) const {
  return const_cast<Loans*>(this)->find(piece);
}

bool Loans::is_at_rest() const {
  return std::ranges::all_of(operations_, &RangeOperation::is_free) &&
         std::ranges::none_of(pieces_, [](const Piece& piece) {
           return piece.state == State::ownerless ||
                  (piece.state != State::unknown && piece.is_being_vacated);
         });
}

// ---- from other cores

void Loans::handle(CoreNumber from, const Lend& message) {
  Piece* const piece = add(message.piece, from);
  const bool is_expected = tickets_.is_expected(message.ticket, message.asker);
  if (piece != nullptr && is_expected && memory_.enter(message.piece, message.ticket))
    return tickets_.arrived(message.ticket, from, frame_of(message.piece));
  if (is_expected) tickets_.failed(message.ticket, message.asker, Error::out_of_memory);
  if (piece != nullptr) piece->state = State::unknown;
  post<agreement::give_back>(platform_, from,
                             {member_.last_prepared(), 0, member_.self(), from, message.piece});
}

// The view of the message says which incarnation of `to` the asker means.
void Loans::handle(CoreNumber from, const Return& message) {
  Piece* const piece = find(message.piece);
  if (piece == nullptr || piece->state != State::lent || piece->borrower != from) return;
  const bool is_for_me = message.to == member_.self();
  const bool is_there = !is_for_me && member_.linked().has(message.to) &&
                        message.view >= member_.admitted(message.to);
  if (is_there && !is_being_taken(message.piece))
    return post_to(*piece, message.to, message.ticket, message.asker);
  if (is_there)
    post<refused>(platform_, message.to, {member_.last_prepared(), message.ticket, message.asker});
  put_here(*piece, is_for_me ? message.ticket : 0, message.asker);
}

// A piece that is not here any more is on its way.
void Loans::handle(CoreNumber from, const Take& message) {
  Piece* const piece = find(message.piece);
  if (piece == nullptr || piece->lender != from || piece->is_being_vacated) return;
  piece->is_being_vacated = true;
  tickets_.taken_away(range_of(message.piece), Error::no_capability);
  memory_.vacate(message.piece);
}

// The piece may be ownerless: its home is dead, and so is a borrower that was the home then, lent it on, and could not say so. A take-back
// that the dead home had not answered is the new home's.
void Loans::handle(CoreNumber from, const Orphan& message) {
  Piece* const piece = find(message.piece);
  if (piece == nullptr) return;
  piece->state = State::lent;
  piece->borrower = from;
  if (piece->is_taken) take(*piece);
}

// ---- views

void Loans::prepare(const Prepare& change) {
  if (change.change != Change::death || member_.self() == kCoordinator) return;
  for (Piece& piece : pieces_) {
    if (piece.state == State::unknown || piece.lender != change.core) continue;
    piece.lender = kCoordinator;
    post<orphan>(platform_, kCoordinator, {member_.last_prepared(), piece.number});
  }
}

void Loans::commit(const Commit& change) {
  if (change.change != Change::death) return;
  const bool is_home = member_.self() != kCoordinator;
  for (Piece& piece : pieces_)
    if (piece.state == State::lent && piece.borrower == change.core) {
      if (is_home) {
        put_here(piece, 0, 0);
      } else {
        piece.state = State::ownerless;
      }
    }
  if (is_home || coordinator_->has_stopped_member()) return;
  for (Piece& piece : pieces_)
    if (piece.state == State::ownerless) put_here(piece, 0, 0);
}

// ---- records

Loans::Piece* Loans::find(PieceNumber number) {
  for (Piece& piece : pieces_)
    if (piece.state != State::unknown && piece.number == number) return &piece;
  return nullptr;
}

Loans::Piece* Loans::add(PieceNumber number, CoreNumber lender) {
  const auto unused = std::ranges::find(pieces_, State::unknown, &Piece::state);
  if (unused == pieces_.end()) return nullptr;
  *unused = {.number = number, .state = State::here, .lender = lender};
  return &*unused;
}

bool Loans::is_being_taken(PieceNumber number) const {
  return std::ranges::any_of(operations_, [&](const RangeOperation& operation) {
    return operation.concerns(frame_of(number).base);
  });
}

// `piece` is in no window. It goes up from a borrower, and to core 0; else down.
void Loans::post_to(Piece& piece, CoreNumber to, TicketNumber ticket, CoreNumber asker) {
  const bool goes_up =
      piece.lender != member_.self() && (piece.lender != kCoordinator || to == kCoordinator);
  if (goes_up) {
    post<agreement::give_back>(platform_, piece.lender,
                               {member_.last_prepared(), ticket, asker, to, piece.number});
    piece.state = State::unknown;
  } else {
    post<lend>(platform_, to, {member_.last_prepared(), ticket, asker, piece.number});
    piece.state = State::lent;
    piece.borrower = to;
    piece.is_taken = false;
  }
}

// `piece`, which this core had lent, is this core's again.
void Loans::put_here(Piece& piece, TicketNumber ticket, CoreNumber asker) {
  piece.state = State::here;
  piece.is_taken = false;
  const bool is_expected = tickets_.is_expected(ticket, asker);
  if (!memory_.enter(piece.number, is_expected ? ticket : 0)) __builtin_trap();
  if (is_expected) tickets_.arrived(ticket, piece.borrower, frame_of(piece.number));
  go_on();
}

void Loans::take(Piece& piece) {
  piece.is_taken = true;
  post<agreement::take>(platform_, piece.borrower, {member_.last_prepared(), piece.number});
}

void Loans::go_on() {
  for (RangeOperation& operation : operations_) {
    const auto is_away = [&](const Piece& piece) {
      return (piece.state == State::lent || piece.state == State::ownerless) &&
             operation.range.has(frame_of(piece.number).base);
    };
    if (operation.is_in_progress() && std::ranges::none_of(pieces_, is_away))
      operation.end(platform_);
  }
}

}  // namespace sprat::agreement
