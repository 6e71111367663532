// tickets.cc — see tickets.hh. No handler waits.

#include "agreement/tickets.hh"

#include <algorithm>

namespace sprat::agreement {

// The end of a ticket's wait. The ticket is free when its receiver goes.
class Tickets::Over {
 public:
  explicit Over(Ticket& ticket) : ticket_(ticket) { ticket_.receiver.coroutine = {}; }
  Over(const Over&) = delete;
  Over& operator=(const Over&) = delete;
  ~Over() {
    ticket_.receiver.leave();
    ticket_.receiver.coroutine = {};
    ticket_.state = State::free;
  }
  bool await_ready() const { return ticket_.state == State::over; }
  void await_suspend(std::coroutine_handle<> waiting) { ticket_.receiver.coroutine = waiting; }
  Result<Frame> await_resume() const { return ticket_.result; }

 private:
  Ticket& ticket_;
};

Result<TicketNumber> Tickets::expect(CoreNumber asker, std::uint32_t channel) {
  if (!member_.linked().has(asker)) return Error::peer_gone;
  Ticket* const ticket = std::ranges::find(tickets_, State::free, &Ticket::state);
  if (ticket == tickets_.end()) return Error::out_of_memory;
  ticket->state = State::expected;
  ticket->number = ++last_number_ * kMostChannels + channel;
  ticket->asker = asker;
  ticket->source.reset();
  return ticket->number;
}

Task<Frame> Tickets::receive(TicketNumber number, CoreNumber source, ViewNumber view) {
  Ticket* const ticket = find(number);
  if (ticket == nullptr) co_return Error::no_capability;
  Over over(*ticket);
  if (ticket->state == State::expected) {
    ticket->source = source;
    if (!member_.linked().has(source) || view < member_.admitted(source))
      end(*ticket, Error::peer_gone);
  }
  co_return co_await over;
}

void Tickets::abandon(TicketNumber number) {
  if (Ticket* const ticket = find(number)) ticket->state = State::free;
}

bool Tickets::is_expected(TicketNumber number, CoreNumber asker) const {
  return std::ranges::any_of(tickets_, [&](const Ticket& ticket) {
    return ticket.state == State::expected && ticket.number == number && ticket.asker == asker;
  });
}

void Tickets::arrived(TicketNumber number, CoreNumber source, const Frame& frame) {
  Ticket* const ticket = find(number);
  if (ticket == nullptr) return;
  ticket->source = source;
  end(*ticket, frame);
}

void Tickets::failed(TicketNumber number, CoreNumber asker, Error error) {
  if (is_expected(number, asker)) end(*find(number), error);
}

void Tickets::taken_away(Range range, Error error) {
  for (Ticket& ticket : tickets_)
    if (ticket.state == State::over && ticket.result && range.has(ticket.result.value().base))
      ticket.result = error;
}

bool Tickets::is_at_rest() const {
  return std::ranges::all_of(tickets_,
                             [](const Ticket& ticket) { return ticket.state == State::free; });
}

void Tickets::handle(CoreNumber, const Refused& message) {
  failed(message.ticket, message.asker, Error::no_capability);
}

Tickets::Ticket* Tickets::find(TicketNumber number) {
  for (Ticket& ticket : tickets_)
    if (ticket.state != State::free && ticket.number == number) return &ticket;
  return nullptr;
}

void Tickets::end(Ticket& ticket, Result<Frame> result) {
  ticket.state = State::over;
  ticket.result = result;
  if (ticket.receiver.coroutine) platform_.make_ready(ticket.receiver);
}

void Tickets::prepare(const Prepare& change) {
  if (change.change != Change::death) return;
  for (Ticket& ticket : tickets_)
    if (ticket.state == State::expected &&
        (ticket.asker == change.core || ticket.source == change.core))
      end(ticket, Error::peer_gone);
}

}  // namespace sprat::agreement
