// lending.cc — the roads of a server's pieces: to and from the server by calls, to and from other cores as loans.

#include "monitor/lending.hh"

#include "lib/console.hh"
#include "lib/memory_requests.hh"
#include "lib/runtime.hh"

namespace sprat::monitor {

Lending::Lending(Memory& memory, monitor::Pieces& pieces, LentRam& ram, Receptions& receptions,
                 agreement::Member& member, agreement::Platform& platform,
                 LateAnswers& late_answers)
    : memory_(memory),
      pieces_(pieces),
      ram_(ram),
      tickets_(receptions.tickets()),
      member_(member),
      platform_(platform),
      late_answers_(late_answers),
      stealing_(member.self(), *this, *this, {}) {
  member.observe(*this);
  memory.set_lending(*this);
}

void Lending::prepare() {
  receiving_ = receive();
  giving_back_ = give_loans_back();
  if (receiving_.done() || giving_back_.done())
    print("monitor: no RAM of others: {}\n", name_of(Error::out_of_memory));
  runtime().loop.start(receiving_);
  runtime().loop.start(giving_back_);
}

void Lending::begin() {
  if (memory_.has_server()) pieces_.set_server(*this);
  note_that_it_has_some(agreement::kCoordinator);
}

void Lending::Event::set() {
  is_set_ = true;
  if (waiter_.coroutine) runtime().loop.make_ready(waiter_);
}

// ---- processes

Result<Answer> Lending::handle(Process&, const Call& call, ReceiveSlot& received) {
  switch (static_cast<PiecesRequest>(call.words[0])) {
    case PiecesRequest::more: return Answer{{}, TRY(more(call, received))};
    case PiecesRequest::released: released(); return Answer{};
  }
  return Error::invalid_argument;
}

// A process that comes while other cores are asked waits for the same answer. While the server has pieces, no core is asked: else a process that
// asks and takes none could have those of all cores come here. One piece may be too little, for the server keeps some for the monitor.
Result<Words> Lending::more(const Call& call, ReceiveSlot& received) {
  constexpr std::uint64_t kEnough = 2;
  if (!memory_.has_server()) return Error::out_of_memory;
  if (memory_.free_pieces().all >= kEnough) return Words{};
  return late_answers_.answer(call, received, LateAnswers::kNoCore,
                              [this](std::uint64_t) -> Result<Words> {
                                stealing_.want();
                                if (stealing_.is_asking()) return Error::again;
                                return last_result_ ? Result<Words>(Words{}) : last_result_.error();
                              });
}

void Lending::request_ended(Result<void> result) {
  last_result_ = result;
  late_answers_.look_again(static_cast<std::uint64_t>(PiecesRequest::more),
                           [&](std::uint64_t) -> Result<Words> {
                             return result ? Result<Words>(Words{}) : result.error();
                           });
}

// Pieces that the server of core 0 has lent are not free there; borrowed ones may be free.
void Lending::count(Census& census) const {
  constexpr auto kPieceKib = static_cast<std::uint32_t>(LentRam::kCost.memory >> 10);
  for (const Piece& piece : pieces_.all()) {
    if (piece.number != 0 && is_core_0()) census.free_kib -= kPieceKib;
    if (piece.holder == kServerNumber) census.free_kib += kPieceKib;
  }
}

// ---- other cores

void Lending::take_line(std::uint32_t from, const urpc::Message<>& line) {
  const LineHeader header(line.header);
  if (!is_whole(header)) return;
  const auto core = static_cast<CoreNumber>(from);
  const auto hand_over = [&]<const auto & kMessage>() {
    const auto message = decode<kMessage, urpc::kPayloadWords>(line.words);
    if (message) stealing_.handle(core, message.value());
  };
  switch (header.get<line_header::message>()) {
    case kNumberOf<memory::steal>: return hand_over.operator()<memory::steal>();
    case kNumberOf<memory::none>: return hand_over.operator()<memory::none>();
    default: return;
  }
}

// Others need to know how much they could get.
void Lending::send(CoreNumber core, memory::Steal message) {
  message.view = member_.last_prepared();
  message.free = free_to_lend();
  agreement::post<memory::steal>(platform_, core, message);
}

void Lending::send(CoreNumber core, memory::None message) {
  message.view = member_.last_prepared();
  message.free = free_to_lend();
  agreement::post<memory::none>(platform_, core, message);
}

// As if `core` had said so, in answer to no question.
void Lending::note_that_it_has_some(CoreNumber core) {
  stealing_.handle(core, memory::None{.ticket = 0, .free = 1});
}

void Lending::await(TicketNumber ticket, CoreNumber core) {
  awaited_ = {ticket, core, member_.last_prepared()};
  is_awaited_.set();
}

// The server has all that has come before the request ends.
Task<> Lending::receive() {
  for (;;) {
    co_await is_awaited_;
    const Awaited awaited = awaited_;
    const auto received = co_await tickets_.receive(awaited.ticket, awaited.core, awaited.view);
    ram_.look_for_free_pieces();
    if (received) note_that_it_has_some(awaited.core);
    stealing_.answered(awaited.ticket, received ? Result<void>() : received.error());
  }
}

void Lending::refused(TicketNumber ticket, CoreNumber core) {
  tickets_.failed(ticket, core, Error::not_found);
}

void Lending::prepare(const agreement::Prepare& change) {
  if (change.change == agreement::Change::death) stealing_.peer_died(change.core);
}

// ---- pieces that leave the server

std::uint32_t Lending::free() const {
  return static_cast<std::uint32_t>(memory_.free_pieces().all);
}

std::uint32_t Lending::free_to_lend() const {
  const auto free = memory_.free_pieces();
  return static_cast<std::uint32_t>(is_core_0() ? free.all : free.borrowed);
}

// Stealing gives back what it takes as borrowed. So do pieces of which this core is the home, after all others: they are core 0's.
std::optional<agreement::PieceNumber> Lending::take(bool is_borrowed) {
  if (is_core_0()) return is_borrowed ? std::nullopt : take_own();
  if (memory_.free_pieces().borrowed == 0) return std::nullopt;
  const auto piece = take_loan(!is_borrowed);
  return piece || !is_borrowed ? piece : take_loan(true);
}

std::optional<agreement::PieceNumber> Lending::take_own() {
  const auto piece = ram_.new_piece();
  return piece ? std::optional(piece.value()->number) : std::nullopt;
}

std::optional<agreement::PieceNumber> Lending::take_loan(bool is_homes) {
  for (Piece& piece : pieces_.all()) {
    if (piece.holder != kServerNumber || !ram_.loans().may_give(piece.number)) continue;
    const bool is_home = ram_.loans().look_up(piece.number)->lender == agreement::kCoordinator;
    if (is_home != is_homes) continue;
    if (!memory_.remove(piece.ram, agreement::frame_of(piece.number).base)) continue;
    piece.holder = 0;
    return piece.number;
  }
  return std::nullopt;
}

Result<void> Lending::give(PieceNumber piece, CoreNumber to, TicketNumber ticket) {
  const auto given = ram_.loans().give(piece, to, ticket);
  if (given) ram_.forget_returned();
  return given;
}

Result<void> Lending::give_back(PieceNumber piece) {
  const auto given = ram_.loans().give_back(piece);
  if (given) ram_.forget_returned();
  return given;
}

Task<> Lending::give_loans_back() {
  for (;;) {
    co_await may_go_back_;
    stealing_.released();
  }
}

// ---- pieces that come to the server

// If the server does not take it, it goes home.
void Lending::put_back(PieceNumber number) {
  Piece* const piece = pieces_.find(number);
  if (take(*piece)) return;
  piece->has_come = true;
  pieces_.change();
}

Result<void> Lending::take(Piece& piece) {
  if (is_core_0()) {
    TRY(memory_.returned(piece.block));
    ram_.loans().forget(piece.number);
    pieces_.forget(piece);
  } else {
    TRY(memory_.add(piece.ram, pieces_.index_of(piece)));
    piece.holder = kServerNumber;
    piece.is_for_server = piece.has_come = false;
  }
  return {};
}

}  // namespace sprat::monitor
