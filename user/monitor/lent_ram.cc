// lent_ram.cc — requests of processes, and the task that looks after pieces which no process holds. No request waits for another core.

#include "monitor/lent_ram.hh"

#include <algorithm>

#include "lib/console.hh"
#include "lib/core_requests.hh"
#include "lib/runtime.hh"
//@ since memory
#include "memory/messages.hh"
//@ end

namespace sprat::monitor {

using agreement::CoreNumber, agreement::frame_of, agreement::kCoordinator, agreement::PieceNumber;
using agreement::range_of, agreement::TicketNumber, agreement::Tickets;
using State = agreement::Loans::State;

LentRam::LentRam(const FirstProcess& process, Processes& processes, Broker& broker, Pieces& pieces,
                 Receptions& receptions, Frames& frames, agreement::Member& member,
                 agreement::Platform& platform, const agreement::Coordinator* coordinator)
    : process_(process),
      processes_(processes),
      broker_(broker),
      pieces_(pieces),
      receptions_(receptions),
      frames_(frames.owner()),
      member_(member),
      platform_(platform),
      loans_(member, platform, pieces, receptions.tickets(), coordinator, records_) {}

void LentRam::prepare() {
  tending_ = tend();
  if (tending_.done() || !pieces_.prepare())
    print("monitor: no RAM for others: {}\n", name_of(Error::out_of_memory));
  runtime().loop.start(tending_);
}

Quota LentRam::quota() const { return {.slots = kCost.slots * Pieces::kMost}; }

// ---- requests

Result<Answer> LentRam::handle(Process& caller, const Call& call, ReceiveSlot&) {
  const Words& words = call.words;
  const auto answer = [&]() -> Result<Words> {
    switch (static_cast<RamRequest>(words[0])) {
      case RamRequest::take: return take(caller, CapAddress(words[1]));
      case RamRequest::give_back: return give_back(caller, CapAddress(words[1]));
      case RamRequest::send: return send(caller, call);
      case RamRequest::take_back: return take_back(caller, words[1], CapAddress(words[2]));
      case RamRequest::pieces: return count_pieces();
    }
    return Error::invalid_argument;
  }();
  if (!answer) return answer.error();
  return Answer{{}, answer.value()};
}

Result<Words> LentRam::take(Process& caller, CapAddress slot) {
  auto& reception = *TRY(receptions_.expect(caller, slot, Type::ram, kCoordinator, 0, kCost));
  reception.is_for_owner = true;
  const TicketNumber ticket = reception.ticket;
  if (is_core_0()) {
    const auto piece = unused_piece();
    const auto given =
        piece ? pieces_.give_to(*piece.value(), ticket) : Result<void>(piece.error());
    if (given) receptions_.tickets().arrived(ticket, kCoordinator, frame_of(piece.value()->number));
    if (!given) receptions_.tickets().failed(ticket, kCoordinator, given.error());
    if (piece && !given) is_free(*piece.value());
  } else if (platform_.has_room(kCoordinator)) {
    post<agreement::want>(platform_, kCoordinator, {member_.last_prepared(), ticket});
  } else {
    receptions_.tickets().failed(ticket, kCoordinator, Error::busy);
  }
  return Words{ticket, kCoordinator, member_.last_prepared()};
}

// Another coroutine of the owner may wait until it can take the piece back.
Result<Words> LentRam::give_back(const Process& caller, CapAddress slot) {
  Piece& piece = *TRY(pieces_.take_from(caller, slot));
  if (piece.owner == caller.number) {
    piece.owner = 0;
    broker_.signal(caller.number);
  }
  is_free(piece);
  return Words{};
}

// A ticket is for a piece: the receiver's monitor says so when the piece comes.
Result<Words> LentRam::send(const Process& caller, const Call& call) {
  const auto [request, channel, ticket_word, slot_word, unused] = call.words;
  const CapAddress slot(slot_word);
  const auto ends = TRY(broker_.ends_of(caller, channel));
  const auto ticket = static_cast<TicketNumber>(ticket_word);
  if (ticket_word > ~TicketNumber{0} || Tickets::channel_of(ticket) != ends.peer_end)
    return Error::no_capability;
  Piece& piece = *TRY(pieces_.take_from(caller, slot));
  const PieceNumber number = piece.number;
  const auto to = static_cast<CoreNumber>(ends.peer_core);
  const bool is_here = to == member_.self();
  const CoreNumber source = is_here ? to : loans_.source_of(number, to);
  Result<void> sent = Error::no_capability;
  if (!is_here) {
    sent = loans_.give(number, to, ticket);
  } else if (receptions_.tickets().is_expected(ticket, to)) {
    sent = pieces_.give_to(piece, ticket);
    if (sent) receptions_.tickets().arrived(ticket, to, frame_of(number));
  }
  if (!sent) {
    if (!pieces_.give_to(piece, caller, slot)) is_free(piece);
    return sent.error();
  }
  forget_returned();
  pieces_.change();
  return Words{source, member_.last_prepared()};
}

Result<Words> LentRam::take_back(const Process& caller, std::uint64_t base, CapAddress slot) {
  Piece* const piece = pieces_.find(agreement::piece_at(base));
  if (piece == nullptr || piece->owner != caller.number) return Error::no_rights;
  if (piece->holder == caller.number) return Error::in_use;
  if (piece->is_unused() && loans_.may_give(piece->number)) {
    TRY(pieces_.give_to(*piece, caller, slot));
    piece->is_wanted_back = false;
    return Words{};
  }
  piece->is_wanted_back = true;
  pieces_.change();
  return Error::again;
}

Words LentRam::count_pieces() const {
  Words counts{0, 0, 0, lines_posted_};
  for (const agreement::Loans::Piece& record : records_) {
    if (record.state == State::unknown) continue;
    ++counts[record.state == State::here ? 0 : 1];
    if (record.state == State::here && record.lender != member_.self()) ++counts[2];
  }
  return counts;
}

Result<Words> LentRam::handle_for_core(const Call& call, ReceiveSlot&) {
  const bool is_mine = static_cast<CoreRequest>(call.words[0]) == CoreRequest::piece;
  return is_mine ? nth(call.words[1]) : Error::invalid_argument;
}

Result<Words> LentRam::nth(std::uint64_t n) const {
  for (const agreement::Loans::Piece& record : records_) {
    const bool is_lent = record.state == State::lent;
    const bool is_borrowed = record.state == State::here && record.lender != member_.self();
    if ((!is_lent && !is_borrowed) || n-- != 0) continue;
    const auto& frame = frame_of(record.number);
    return Words{frame.base, std::uint64_t{1} << frame.bits,
                 is_lent ? member_.self() : record.lender,
                 std::uint64_t{1} << (is_lent ? record.borrower : member_.self())};
  }
  return Error::not_found;
}

// ---- core 0

// One that came back, or a new one.
Result<LentRam::Piece*> LentRam::unused_piece() {
  for (Piece& piece : pieces_.all())
    if (piece.is_unused() && piece.owner == 0 && loans_.may_give(piece.number)) return &piece;
  return new_piece();
}

Result<LentRam::Piece*> LentRam::new_piece() {
  Piece& piece = *TRY(pieces_.make());
  if (const auto had = loans_.has_from_start(piece.number); !had) {
    is_free(piece);
    return had.error();
  }
  return &piece;
}

// No core gets more for processes than its part of half of all RAM. It counts for this core as a whole.
Result<void> LentRam::grant(CoreNumber to, TicketNumber ticket) {
  const auto is_there = [&](const agreement::Loans::Piece& record) {
    const Piece* const piece = pieces_.find(record.number);
    return record.state == State::lent && record.borrower == to && piece != nullptr &&
           !piece->charge.is_for_nothing();
  };
  const auto count = std::ranges::count_if(records_, is_there);
  const std::uint64_t most = processes_.account().limit().memory / kCost.memory / 2;
  if (static_cast<std::uint64_t>(count) >= std::max(most / process_.cores, std::uint64_t{2}))
    return Error::quota_exceeded;
  auto charge = Charge::take(processes_.account(), kCost);
  if (!charge) return charge.error();
  Piece& piece = *TRY(unused_piece());
  TRY(loans_.give(piece.number, to, ticket));
  piece.charge = std::move(charge.value());
  return {};
}

void LentRam::handle(CoreNumber from, const agreement::Want& want) {
  if (!is_core_0() || grant(from, want.ticket)) return;
  post<agreement::refused>(platform_, from, {member_.last_prepared(), want.ticket, kCoordinator});
}

// ---- pieces that no process holds

// It waits for its owner, or goes home: again later if the link has no room. If its home is dead, it has another one soon
// (core_ended); if it is being taken back, that ends soon.
void LentRam::is_free(Piece& piece) {
  piece.is_wanted_back = piece.has_come = false;
  if (piece.owner != 0) return broker_.signal(piece.owner);
  if (is_core_0()) piece.charge = Charge();
  //@ since memory
  if (pieces_.give_to_server(piece, is_core_0())) return;
  piece.is_for_server = false;
  //@ end
  if (is_core_0()) return;
  const auto given_back = loans_.give_back(piece.number);
  piece.has_come = !given_back;
  if (given_back) return forget_returned();
  if (given_back.error() == Error::busy) pieces_.change();
}

// A piece that has gone to its lender is no process's of this core any more. A process that owned it may wait for it.
void LentRam::forget_returned() {
  for (Piece& piece : pieces_.all()) {
    if (piece.number == 0 || piece.is_here || loans_.look_up(piece.number) != nullptr) continue;
    broker_.signal(piece.owner);
    pieces_.forget(piece);
  }
}

//@ since memory
void LentRam::look_for_free_pieces() {
  for (Piece& piece : pieces_.all())
    if (piece.has_come && piece.is_unused()) is_free(piece);
}

LentRam::Counts LentRam::counts() const {
  Counts counts;
  for (const agreement::Loans::Piece& record : records_) {
    if (record.state == State::unknown) continue;
    if (record.state != State::here) ++counts.lent;
    if (record.lender != member_.self()) ++counts.borrowed;
  }
  return counts;
}

//@ end
void LentRam::before_end(const Process& process) {
  for (Piece& piece : pieces_.all()) {
    if (piece.number == 0) continue;
    piece.charge.move_up_from(process.account);
    if (piece.owner == process.number) {
      piece.owner = 0;
      piece.is_wanted_back = piece.has_come = true;
    }
    if (piece.holder == process.number) piece.is_being_vacated = true;
  }
  pieces_.change();
}

// All that was made of it goes, on other cores as well.
Task<> LentRam::vacate(Piece& piece) {
  piece.is_being_vacated = true;
  while (!revoke(piece.ram.address())) {
    const auto gone = co_await frames_.revoke(range_of(piece.number));
    if (!gone) co_await runtime().loop.turn();
  }
  receptions_.tickets().taken_away(range_of(piece.number), Error::no_capability);
  piece.holder = 0;
  piece.is_being_vacated = false;
  const agreement::Loans::Piece* const record = loans_.look_up(piece.number);
  if (record != nullptr && record->is_being_vacated) {
    loans_.vacated(piece.number);
    forget_returned();
  } else {
    is_free(piece);
  }
  co_return {};
}

Task<> LentRam::bring_back(Piece& piece) {
  for (;;) {
    const auto taken = co_await loans_.take_back(range_of(piece.number));
    if (taken) break;
    co_await runtime().loop.turn();
  }
  broker_.signal(piece.owner);
  pieces_.change();
  co_return {};
}

Task<> LentRam::tend() {
  for (;;) {
    co_await pieces_.changed();
    for (Piece& piece : pieces_.all()) {
      if (piece.number == 0) continue;
      if (!piece.is_here) {
        if ((piece.is_wanted_back || piece.is_being_vacated) && piece.coming_back.done()) {
          piece.coming_back = bring_back(piece);
          if (piece.coming_back.done()) pieces_.change();  // no memory: again later
          runtime().loop.start(piece.coming_back);
        }
      } else if (piece.is_being_vacated || (piece.is_wanted_back && piece.holder != 0)) {
        const auto vacated = co_await vacate(piece);
        if (!vacated) pieces_.change();
      } else if (piece.has_come && piece.is_unused()) {
        is_free(piece);
      }
    }
    co_await runtime().loop.turn();
  }
}

// ---- other cores

void LentRam::core_ended(std::uint32_t) { pieces_.change(); }

bool LentRam::needs(std::uint32_t core) const {
  return std::ranges::any_of(records_, [&](const agreement::Loans::Piece& record) {
    return (record.state == State::lent && record.borrower == core) ||
           (record.state == State::here && record.lender == core && core != member_.self());
  });
}

// ---- counting

// Pieces that came back to core 0 are free.
void LentRam::count(Census& census) const {
  if (!is_core_0()) return;
  for (const Piece& piece : pieces_.all()) {
    if (!piece.is_unused() || piece.owner != 0) continue;
    --census.slots;
    census.free_kib += kCost.memory >> 10;
  }
}

void LentRam::posted(const urpc::Message<>& line) {
  const auto number = LineHeader(line.header).get<line_header::message>();
  for (const unsigned about_ram :
       {kNumberOf<agreement::lend>, kNumberOf<agreement::give_back>, kNumberOf<agreement::take>,
        kNumberOf<agreement::orphan>, kNumberOf<agreement::want>})
    if (number == about_ram) ++lines_posted_;
  //@ since memory
  if (number == kNumberOf<memory::steal> || number == kNumberOf<memory::none>) ++lines_posted_;
  //@ end
}

}  // namespace sprat::monitor
