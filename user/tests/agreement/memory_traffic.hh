// memory_traffic.hh — processes of a simulated system that make frames, send copies of them and RAM to each other, delete them, and revoke
// them.

#pragma once

#include "tests/agreement/fates.hh"

namespace sprat::test {

// The events of a schedule, by their ends.
struct Traffic {
  bool with_ram = true;
  std::size_t received = 0, received_ram = 0, refused = 0, peers_gone = 0, abandoned = 0;
  std::size_t revoked = 0, taken_back = 0;

  void add(const Traffic& other) {
    received += other.received;
    received_ram += other.received_ram;
    refused += other.refused;
    peers_gone += other.peers_gone;
    abandoned += other.abandoned;
    revoked += other.revoked;
    taken_back += other.taken_back;
  }
};

// A process waits for a capability that another one has sent, or goes away instead. The message that says so may be late.
inline Task<> receive(SimulatedSystem& system, std::size_t receiver, TicketNumber ticket,
                      CoreNumber source, ViewNumber view, Traffic& traffic) {
  Incarnation& self = system.incarnation(receiver);
  network::Random& random = system.random();
  for (auto turns = random.below(16) == 0 ? random.below(200) : 0; turns != 0; --turns)
    co_await system.network().turn(self.core);
  if (self.unannounced.erase(ticket) == 0) co_return {};  // its channel has ended
  if (random.below(8) == 0) {
    self.abandon(ticket);
    ++traffic.abandoned;
    co_return {};
  }
  const auto result = co_await self.tickets.receive(ticket, source, view);
  if (!result) {
    if (result.error() == Error::no_capability) ++traffic.refused;
    if (result.error() == Error::peer_gone) ++traffic.peers_gone;
    co_return {};
  }
  const bool is_ram = result.value().bits == kPieceBits;
  ++(is_ram ? traffic.received_ram : traffic.received);
  if (!is_ram && source == self.number) co_return {};
  self.memory.claim(ticket);
  const std::pair key(self.core, ticket);
  if (is_ram) {
    const auto meant = system.meant_ram.find(key);
    system.expect(
        meant != system.meant_ram.end() && frame_of(meant->second).base == result.value().base,
        "a process got RAM that was meant for another one");
    co_return {};
  }
  const auto object = self.memory.object_at(result.value().base);
  const auto meant = system.meant.find(key);
  system.expect(meant != system.meant.end() && object == meant->second,
                "a process got a capability that was meant for another one");
  co_return {};
}

// A process sends RAM, or a copy of some frame, to the process of another core that has given it `ticket`, and says so.
inline Task<> send(SimulatedSystem& system, std::size_t asker, std::size_t receiver,
                   TicketNumber ticket, Traffic& traffic) {
  Incarnation &self = system.incarnation(asker), &other = system.incarnation(receiver);
  const CoreNumber to = other.number;
  const auto piece = self.memory.any_piece();
  const auto base = self.memory.any_frame();
  CoreNumber source = self.number;
  Result<void> sent = Error::not_found;
  if (!self.member.linked().has(to) || &system.core(to) != &other) {
    sent = Error::peer_gone;
  } else if (traffic.with_ram && piece && system.random().below(3) == 0) {
    system.meant_ram[{receiver, ticket}] = *piece;
    source = self.loans.source_of(*piece, to);
    sent = self.loans.give(*piece, to, ticket);
  } else if (base) {
    system.meant[{receiver, ticket}] = *self.memory.object_at(*base);
    if (self.memory.has_own(*base)) {
      sent = self.owner.send({*base, kFrameBits, 1}, to, ticket);
    } else {
      source = self.holder.owner_of(*base).value();
      sent = self.holder.send(*base, 1, to, ticket);
    }
  }
  if (sent) {
    system.network().start(other.core, receive(system, receiver, ticket, source,
                                               self.member.last_prepared(), traffic));
  } else if (!other.has_stopped && other.unannounced.erase(ticket) != 0) {
    other.abandon(ticket);  // the asker says that it sends nothing
  }
  co_return {};
}

inline void begin_send(SimulatedSystem& system, Incarnation& receiver, Incarnation& asker,
                       Traffic& traffic) {
  if (&receiver == &asker || asker.has_stopped || asker.member.view() == 0) return;
  const auto ticket = receiver.tickets.expect(asker.number);
  if (!ticket) return;
  receiver.unannounced.emplace(ticket.value(), asker.number);
  system.network().start(asker.core,
                         send(system, asker.core, receiver.core, ticket.value(), traffic));
}

// When it ends, no core has a copy that existed at its begin.
inline Task<> revoke_frames(SimulatedSystem& system, std::size_t owner, Range range,
                            Traffic& traffic) {
  Incarnation& self = system.incarnation(owner);
  std::vector<ObjectNumber> revoked;
  for (ObjectNumber object = 0; object < system.objects.size(); ++object) {
    const auto [its_owner, base, exists] = system.objects[object];
    if (!exists || its_owner != owner || !range.has(base)) continue;
    revoked.push_back(object);
    self.memory.remove_own(base);
  }
  const auto result = co_await self.owner.revoke(range);
  if (!result) co_return {};
  ++traffic.revoked;
  system.for_each_live([&](const Incarnation& core) {
    for (const ObjectNumber object : revoked)
      system.expect(!core.memory.has_copy_of(object), "a revoke has ended, and a core has a copy");
  });
  co_return {};
}

inline Task<> take_back(SimulatedSystem& system, std::size_t lender, Range range,
                        Traffic& traffic) {
  Incarnation& self = system.incarnation(lender);
  const auto result = co_await self.loans.take_back(range);
  if (result) ++traffic.taken_back;
  co_return {};
}

// One random event.
inline void happen_to_memory(SimulatedSystem& system, Traffic& traffic) {
  network::Random& random = system.random();
  const auto number = static_cast<CoreNumber>(random.below(system.size()));
  const auto other = static_cast<CoreNumber>(random.below(system.size()));
  if (!system.exists(number) || !system.exists(other)) return;
  Incarnation& self = system.core(number);
  if (self.has_stopped || self.member.view() == 0) return;
  const auto piece = static_cast<PieceNumber>(random.below(system.places.size()));
  const auto a_frame_of = [&](PieceNumber its_piece) {
    return range_of(its_piece).begin + random.below(kFramesOfPiece) * kFrameBytes;
  };
  const std::uint64_t base = a_frame_of(piece);
  const auto here = self.memory.any_piece();
  const auto start = [&](Task<> task) { system.network().start(self.core, std::move(task)); };
  switch (random.below(32)) {
    case 0:
    case 1: return self.memory.remove_own(base);
    case 2:
    case 3: return self.memory.remove_foreign(base);
    case 4: return self.memory.copy_foreign(base);
    case 5:
      if (self.memory.object_at(base))
        start(revoke_frames(system, self.core, {base, base + kFrameBytes}, traffic));
      return;
    case 6:
      if (here) start(revoke_frames(system, self.core, range_of(*here), traffic));
      return;
    case 7:
    case 8:
      if (traffic.with_ram)
        start(take_back(
            system, self.core,
            random.below(4) != 0 ? range_of(piece) : Range{range_of(piece).begin, ~0ull}, traffic));
      return;
    case 9:
      if (traffic.with_ram && here) static_cast<void>(self.loans.give_back(*here));
      return;
    case 10:
    case 11:
    case 12:
    case 13:
      if (here) self.memory.make(a_frame_of(*here));
      return;
    default: return begin_send(system, self, system.core(other), traffic);
  }
}

inline Task<> use_memory(SimulatedSystem& system, Traffic& traffic) {
  for (std::size_t turns = 0; turns < 300; ++turns) {
    co_await system.network().turn(0);
    happen_to_memory(system, traffic);
  }
  co_return {};
}

// At rest, when all processes have gone: no frame is left, and each piece of RAM is on one live core; core 0 knows its home, and the home
// its borrower.
inline const char* judge_memory(SimulatedSystem& system) {
  const char* wrong = nullptr;
  const auto expect = [&](bool is_right, const char* message) {
    if (!is_right && wrong == nullptr) wrong = message;
  };
  system.for_each_live([&](Incarnation& core) { core.memory.remove_all(); });
  if (const char* const found = system.run()) return found;
  system.for_each_live([&](const Incarnation& core) {
    expect(core.owner.is_at_rest(), "a revoke never ends");
    expect(core.holder.is_at_rest(), "a sweep never ends");
    expect(core.loans.is_at_rest(), "RAM is taken back for ever");
    expect(core.tickets.is_at_rest(), "a ticket is in use for ever");
    expect(core.memory.has_no_frames(), "a frame is in use for ever");
  });
  for (PieceNumber piece = 0; piece < system.places.size(); ++piece) {
    const auto place = system.places[piece];
    expect(place && !system.incarnation(*place).has_stopped, "a piece of RAM is lost");
    if (wrong != nullptr) return wrong;
    CoreNumber core = kCoordinator;
    for (int level = 0; level < 3; ++level) {
      const Loans::Piece* const record = system.core(core).loans.look_up(piece);
      if (record != nullptr && record->state == Loans::State::lent) core = record->borrower;
    }
    expect(core == system.incarnation(*place).number, "a lender does not know its borrower");
  }
  return wrong;
}

}  // namespace sprat::test
