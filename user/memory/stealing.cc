// stealing.cc — see stealing.hh. No handler waits.

#include "memory/stealing.hh"

#include <algorithm>

namespace sprat::memory {

// ---- asking

void Stealing::want() {
  if (is_asking()) return;
  left_ = lender_.peers();
  ask_next();
}

// Asks the next peer that can be asked; without one the request ends.
void Stealing::ask_next() {
  //@ lab memory.3a:
  while (const auto peer = next_peer()) {
    left_.remove(*peer);
    if (ask(*peer)) return;
  }
  pieces_.request_ended(Error::out_of_memory);
  //@ end
}

// The richest, as far as this core knows; of equals the next one behind this core, so that not all ask the same.
std::optional<CoreNumber> Stealing::next_peer() const {
  //@ lab memory.3b: static_cast<void>(self_); return std::nullopt;
  std::optional<CoreNumber> best;
  const auto distance = [&](CoreNumber core) {
    return (core + agreement::kMostCores - self_) % agreement::kMostCores;
  };
  left_.for_each([&](CoreNumber core) {
    if (core == self_ || !lender_.peers().has(core)) return;
    const bool is_better =
        !best || known_free_[core] > known_free_[*best] ||
        (known_free_[core] == known_free_[*best] && distance(core) < distance(*best));
    if (is_better) best = core;
  });
  return best;
  //@ end
}

bool Stealing::ask(CoreNumber peer) {
  tickets_ = {};
  for (TicketNumber& ticket : tickets_) {
    const auto made = lender_.expect(peer);
    if (!made) break;
    ticket = made.value();
  }
  if (tickets_[0] == 0) return false;
  asked_ = peer;
  lender_.send(peer, Steal{.free = pieces_.free(),
                           .ticket_0 = tickets_[0],
                           .ticket_1 = tickets_[1],
                           .ticket_2 = tickets_[2],
                           .ticket_3 = tickets_[3]});
  lender_.await(tickets_[0], peer);
  return true;
}

void Stealing::answered(TicketNumber ticket, Result<void> result) {
  //@ lab memory.3c: static_cast<void>(ticket), static_cast<void>(result);
  if (!is_asking() || ticket != tickets_[0]) return;
  asked_.reset();
  for (const TicketNumber other : tickets_)
    if (other != ticket && other != 0) lender_.abandon(other);
  if (!result) return ask_next();
  pieces_.request_ended({});
  //@ end
}

void Stealing::handle(CoreNumber from, const None& message) {
  //@ lab memory.3d: static_cast<void>(from), static_cast<void>(message);
  known_free_[from] = message.free;
  if (is_asking() && message.ticket == tickets_[0]) lender_.refused(message.ticket, from);
  //@ end
}

// ---- giving

void Stealing::handle(CoreNumber from, const Steal& message) {
  //@ lab memory.3e: static_cast<void>(from), static_cast<void>(message);
  known_free_[from] = message.free;
  gifts_[from] = {};  // its request before has ended
  if (give_own(from, message) || give_borrowed(from, message.ticket_0)) return;
  lender_.send(from, None{.ticket = message.ticket_0, .free = pieces_.free()});
  //@ end
}

std::uint32_t Stealing::surplus() const {
  const std::uint32_t free = pieces_.free();
  return free > limits_.reserve ? free - limits_.reserve : 0;
}

// Gives pieces whose home this core is, half of the number above the reserve; the one for the first ticket last. Returns whether that one is
// on its way.
bool Stealing::give_own(CoreNumber to, const Steal& request) {
  //@ lab memory.3f: static_cast<void>(to), static_cast<void>(request); return false;
  const auto tickets = request.tickets();
  const auto wanted = static_cast<std::size_t>(std::ranges::find(tickets, 0u) - tickets.begin());
  std::array<PieceNumber, Steal::kMostPieces> taken{};
  const std::size_t most = std::min<std::size_t>((surplus() + 1) / 2, wanted);
  std::size_t count = 0;
  while (count < most) {
    const auto piece = pieces_.take(false);
    if (!piece) break;
    taken[count++] = *piece;
  }
  bool has_answered = false;
  for (std::size_t i = count; i-- > 0;) {
    const auto given = lender_.give(taken[i], to, tickets[i]);
    if (!given) pieces_.put_back(taken[i]);
    has_answered = given.ok();
  }
  return has_answered;
  //@ end
}

bool Stealing::give_borrowed(CoreNumber to, TicketNumber ticket) {
  //@ lab memory.4a: static_cast<void>(to), static_cast<void>(ticket); return false;
  if (surplus() == 0) return false;
  const auto piece = pieces_.take(true);
  if (!piece) return false;
  const CoreNumber source = lender_.source_of(*piece, to);
  if (!lender_.give(*piece, to, ticket)) {
    pieces_.put_back(*piece);
    return false;
  }
  if (source != self_) gifts_[to] = {ticket, source};
  return true;
  //@ end
}

void Stealing::released() {
  //@ lab memory.4b:
  if (pieces_.free() <= limits_.high) return;
  while (pieces_.free() > limits_.low) {
    const auto piece = pieces_.take(true);
    if (!piece) return;
    if (!lender_.give_back(*piece)) return pieces_.put_back(*piece);
  }
  //@ end
}

// ---- views

// A piece that was on its way by the dead core may not come: its receiver asks the next peer then. Whether this core itself waits for the
// dead one is its ticket's business.
void Stealing::peer_died(CoreNumber core) {
  known_free_[core] = 0;
  //@ lab memory.4c:
  gifts_[core] = {};
  lender_.peers().for_each([&](CoreNumber to) {
    Gift& gift = gifts_[to];
    if (to == self_ || gift.ticket == 0 || gift.source != core) return;
    lender_.send(to, None{.ticket = gift.ticket, .free = pieces_.free()});
    gift = {};
  });
  //@ end
}

}  // namespace sprat::memory
