// simulated_server.cc — see simulated_server.hh.

#include "tests/memory/simulated_server.hh"

namespace sprat::test {

namespace {

// Lives until the wait for `ticket` has ended; the server lives as long as its core.
Task<> wait_for_piece(Incarnation& core, Stealing& stealing, TicketNumber ticket, CoreNumber from) {
  const auto result = co_await core.tickets.receive(ticket, from, core.member.last_prepared());
  core.memory.abandon(ticket);
  stealing.answered(ticket, result ? Result<void>() : result.error());
  co_return {};
}

}  // namespace

SimulatedServer::SimulatedServer(Incarnation& self, Stealing::Limits limits)
    : self_(self),
      stealing_(self.number, *this, *this, limits),
      records_(kRecords),
      roots_(self.system.places.size()) {
  for (std::size_t i = 0; i < records_.size(); ++i) reserve_.add(records_[i], CapAddress(1, 2 * i));
  self.member.observe(*this);
}

void SimulatedServer::release(Block& block) {
  buddy_.release(block);
  stealing_.released();
}

bool SimulatedServer::is_complete() const {
  std::uint64_t bytes = 0;
  for (const Block& root : roots_)
    if (root.capability != CapAddress()) bytes += root.bytes();
  return bytes == buddy_.bytes_free() + clients_.bytes;
}

void SimulatedServer::handle(CoreNumber core, const urpc::Message<>& line) {
  switch (LineHeader(line.header).get<line_header::message>()) {
    case steal.number:
      return stealing_.handle(core, decode<steal, urpc::kPayloadWords>(line.words).value());
    case none.number:
      return stealing_.handle(core, decode<none, urpc::kPayloadWords>(line.words).value());
    default: self_.system.expect(false, "a line is no message");
  }
}

void SimulatedServer::entered(PieceNumber piece) {
  const Loans::Piece* const record = self_.loans.look_up(piece);
  const bool is_borrowed = record != nullptr && record->lender != kCoordinator;
  self_.system.expect(!has(piece), "a piece comes twice");
  const auto added = buddy_.add(roots_[piece], frame_of(piece).base, memory::kPieceBits,
                                CapAddress(2, 1 + piece), is_borrowed);
  self_.system.expect(added.ok(), "a piece cannot be added");
}

bool SimulatedServer::take_out(PieceNumber piece) {
  if (!has(piece) || !buddy_.remove(roots_[piece])) return false;
  roots_[piece].capability = CapAddress();
  return true;
}

std::optional<PieceNumber> SimulatedServer::take(bool is_borrowed) {
  Block* piece = buddy_.free_loan();
  if (!is_borrowed) {
    const auto made = buddy_.allocate(memory::kPieceBits, transit_);
    if (!made) return std::nullopt;
    piece = made.value();
    buddy_.release(*piece);
    if (piece->is_borrowed) return std::nullopt;
  }
  if (piece == nullptr) return std::nullopt;
  const auto number = static_cast<PieceNumber>(piece->base >> memory::kPieceBits);
  self_.system.expect(take_out(number), "a piece is sent that is in use");
  return number;
}

void SimulatedServer::request_ended(Result<void> result) {
  ++requests_ended_;
  last_result_ = result;
}

const CoreSet& SimulatedServer::peers() const { return self_.member.linked(); }

void SimulatedServer::send(CoreNumber core, Steal message) {
  message.view = self_.last_prepared();
  sprat::agreement::post<steal>(self_, core, message);
}

void SimulatedServer::send(CoreNumber core, None message) {
  message.view = self_.last_prepared();
  sprat::agreement::post<none>(self_, core, message);
}

Result<TicketNumber> SimulatedServer::expect(CoreNumber core) { return self_.tickets.expect(core); }

void SimulatedServer::abandon(TicketNumber ticket) { self_.abandon(ticket); }

void SimulatedServer::await(TicketNumber ticket, CoreNumber core) {
  self_.system.network().start(self_.core, wait_for_piece(self_, stealing_, ticket, core));
}

void SimulatedServer::refused(TicketNumber ticket, CoreNumber core) {
  self_.tickets.failed(ticket, core, Error::not_found);
}

Result<void> SimulatedServer::give(PieceNumber piece, CoreNumber to, TicketNumber ticket) {
  return self_.loans.give(piece, to, ticket);
}

Result<void> SimulatedServer::give_back(PieceNumber piece) { return self_.loans.give_back(piece); }

CoreNumber SimulatedServer::source_of(PieceNumber piece, CoreNumber to) const {
  return self_.loans.source_of(piece, to);
}

void SimulatedServer::prepare(const Prepare& change) {
  if (change.change == Change::death) stealing_.peer_died(change.core);
}

}  // namespace sprat::test
