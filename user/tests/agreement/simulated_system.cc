// simulated_system.cc — see simulated_system.hh.

#include "tests/agreement/simulated_system.hh"

namespace sprat::test {

namespace {

// Of a link. A protocol that needs more in flight is wrong: posting would have to wait.
constexpr std::size_t kRoom = 64;

// Lines that processes have asked for must leave so much of it.
constexpr std::size_t kReserve = 40;

// Of each core.
constexpr std::size_t kSharedFrames = 4, kForeignFrames = 4, kHoldings = 7, kPieces = 4;

// After each move of the world.
constexpr std::size_t kMostCoresToLookAt = 16;

// In larger systems, core 0 is the only initiator of operations in two phases.
constexpr std::size_t kMostInitiators = 16;

// Pieces of RAM that no core has at its start, except core 0.
constexpr std::size_t kMorePieces = 2;

}  // namespace

Incarnation::Incarnation(SimulatedSystem& its_system, CoreNumber its_number)
    : system(its_system),
      number(its_number),
      core(its_system.network().add_core()),
      member(its_number, *this),
      coordinator(its_number == kCoordinator ? std::make_unique<Coordinator>(member, *this)
                                             : nullptr),
      names(member, *this),
      memory(*this),
      tickets(member, *this),
      shared_frames(kSharedFrames),
      holdings(number == kCoordinator ? kSharedFrames * its_system.size() : kHoldings),
      foreign_frames(kForeignFrames),
      owner(member, *this, memory, tickets, shared_frames, holdings),
      holder(member, *this, memory, tickets, foreign_frames),
      pieces(number == kCoordinator || its_system.extensions ? its_system.places.size() : kPieces),
      loans(member, *this, memory, tickets, coordinator.get(), pieces),
      parts(its_system.size() > kMostInitiators ? 1 : its_system.size()),
      two_phases(member, *this, voter, its_system.line_costs, parts) {
  member.observe(*this);
  if (system.extensions) extension = system.extensions->make(*this);
  system.network().start(core, holder.sweep());
  if (system.picture_) system.picture_->add_column(number);
}

void Incarnation::post(CoreNumber peer, const urpc::Message<>& line) {
  if (!connections_.contains(peer)) return;
  const auto sent = connect(system.core(peer)).end.try_send(line);
  system.expect(sent || sent.error() != Error::again, "a link has no room for a message");
  note_copy(line);
  ++system.posted[LineHeader(line.header).get<line_header::message>()];
}

void Incarnation::abandon(TicketNumber ticket) {
  tickets.abandon(ticket);
  memory.abandon(ticket);
}

// Remembers of which object a copy is.
void Incarnation::note_copy(const urpc::Message<>& line) {
  if (LineHeader(line.header).get<line_header::message>() != recv.number) return;
  const Recv body = decode<recv, urpc::kPayloadWords>(line.words).value();
  const auto object = memory.object_at(body.base);
  system.expect(object.has_value(), "a copy of a frame is sent that does not exist");
  if (object) system.sent[{core, body.stamp}] = *object;
}

void Incarnation::note_object(CoreNumber from, Stamp stamp) {
  memory.next = system.sent.at({system.core(from).core, stamp});
}

bool Incarnation::has_room(CoreNumber peer) const {
  const auto place = connections_.find(peer);
  return place == connections_.end() || place->second == nullptr ||
         place->second->end.room() > kReserve;
}

void Incarnation::open(CoreNumber peer) {
  const bool is_new = connections_.try_emplace(peer).second;
  if (is_new && system.has_cable(core, system.core(peer).core)) connect(system.core(peer));
}

Incarnation::Connection& Incarnation::connect(Incarnation& peer) {
  std::unique_ptr<Connection>& connection = connections_.at(peer.number);
  if (connection != nullptr) return *connection;
  const auto [cable, side] = system.cable(core, peer.core);
  connection = std::make_unique<Connection>(*this, peer.number, cable, side);
  const auto back = peer.connections_.find(number);
  if (back != peer.connections_.end() && &system.core(number) == this) peer.connect(*this);
  return *connection;
}

void Incarnation::close(CoreNumber peer) { connections_.erase(peer); }

void Incarnation::fence(CoreNumber peer) {
  Incarnation& victim = system.core(peer);
  victim.has_stopped = victim.is_fenced = true;
  system.network().halt(victim.core);
  if (system.picture_) system.picture_->end_column(victim.core);
}

void Incarnation::view_is_prepared() {
  for (const auto& [peer, connection] : connections_)
    if (connection != nullptr) connection->neighbour.view_is_prepared();
}

void Incarnation::make_ready(Waiter& waiter) { system.network().wake(core, waiter); }

void Incarnation::handle_other(CoreNumber from, const urpc::Message<>& line) {
  if (extension != nullptr) return extension->handle(from, line);
  system.expect(false, "a line is no message");
}

void Incarnation::say(CoreNumber peer) {
  if (has_stopped || !member.cores().has(peer)) return;
  sprat::agreement::post<talk>(*this, peer, {member.last_prepared(), core, system.core(peer).core});
}

void Incarnation::hear(CoreNumber from, const Talk& body) {
  ++system.heard;
  system.expect(body.to == core, "a message reached a later incarnation than it was meant for");
  system.expect(connections_.contains(from), "a message came from a core without a link");
  system.expect(body.view <= last_prepared(), "a message did not wait for its view");
}

void Incarnation::prepare(const Prepare& change) {
  system.expect(change.change == Change::join || system.core(change.core).is_fenced,
                "a core is called dead and has not been stopped");
  if (change.change != Change::death) return;
  std::erase_if(unannounced, [&](const auto& ticket) {
    if (ticket.second == change.core) abandon(ticket.first);
    return ticket.second == change.core;
  });
}

void Incarnation::commit(const Commit& change) {
  system.expect(change.change == Change::join || !connections_.contains(change.core),
                "a view without a core is committed where its link is open");
  if (number != kCoordinator) return;
  member.cores().for_each([&](CoreNumber other) {
    const Incarnation& incarnation = system.core(other);
    system.expect(incarnation.is_fenced || other == change.core || other == number ||
                      incarnation.last_prepared() == change.number,
                  "a view is committed and not prepared everywhere");
  });
}

bool SimulatedVoter::vote(CoreNumber, const Proposal& proposal) {
  decisions[proposal.object] = Decision::none;
  return !refuses || proposal.value != kRefused;
}

void SimulatedVoter::decide(CoreNumber, const Proposal& proposal, Decision decision) {
  decisions[proposal.object] = decision;
}

SimulatedSystem::SimulatedSystem(std::uint64_t seed, std::size_t cores, LineCosts costs,
                                 std::optional<Extensions> its_extensions)
    : line_costs(costs),
      extensions(std::move(its_extensions)),
      places(extensions ? extensions->pieces : cores + kMorePieces),
      network_(seed),
      current_(cores) {
  if (is_one_schedule()) {
    picture_.emplace();
    network_.set_recorder([this](std::size_t from, std::size_t to, const urpc::Message<>& line) {
      picture_->add_row<all_messages>(from, to, line);
    });
  }
  incarnations_.push_back(std::make_unique<Incarnation>(*this, kCoordinator));
  current_[kCoordinator] = incarnations_.back().get();
  for (PieceNumber piece = 0; piece < places.size(); ++piece) {
    expect(core(kCoordinator).loans.has_from_start(piece).ok(), "there is no room for a piece");
    core(kCoordinator).memory.begin_with(piece);
  }
}

// Tasks use the objects of their core, and end before them.
SimulatedSystem::~SimulatedSystem() { network_.end_tasks(); }

std::pair<network::Cable&, int> SimulatedSystem::cable(std::size_t self, std::size_t peer) {
  network::Cable*& cable = cables_[std::minmax(self, peer)];
  if (cable == nullptr)
    cable = &network_.connect(std::min(self, peer), std::max(self, peer), {.room = kRoom});
  return {*cable, self < peer ? 0 : 1};
}

void SimulatedSystem::begin_with(std::size_t count) {
  for (CoreNumber number = 1; number < count; ++number) {
    incarnations_.push_back(std::make_unique<Incarnation>(*this, number));
    current_[number] = incarnations_.back().get();
    core(kCoordinator).open(number);
  }
  const auto last = static_cast<ViewNumber>(count);
  for (auto number = static_cast<CoreNumber>(count); number-- > 0;) {
    Incarnation& incarnation = core(number);
    if (number != kCoordinator) incarnation.open(kCoordinator);
    const auto commit = [&](CoreNumber core) {
      incarnation.member.handle(kCoordinator, Commit{last, last, core, Change::join});
    };
    for (CoreNumber other = 0; other < count; ++other)
      if (other != number) commit(other);
    commit(number);
  }
  for (CoreNumber number = 1; number < count; ++number) lend_from_start(number, number);
}

// `number`, which has done nothing yet, has a piece of core 0's RAM.
void SimulatedSystem::lend_from_start(PieceNumber piece, CoreNumber number) {
  Extension* const extension = core(kCoordinator).extension.get();
  if (!core(kCoordinator).loans.may_give(piece)) return;
  if (extension != nullptr && !extension->take_out(piece)) return;
  if (!core(kCoordinator).memory.leave(piece)) return;
  core(kCoordinator).loans.had_from_start(piece, number);
  expect(core(number).loans.has_from_start(piece).ok(), "there is no room for a piece");
  core(number).memory.begin_with(piece);
}

void SimulatedSystem::start(CoreNumber number) {
  incarnations_.push_back(std::make_unique<Incarnation>(*this, number));
  Incarnation& incarnation = *incarnations_.back();
  current_[number] = &incarnation;
  coordinator().expect(number);
  incarnation.open(kCoordinator);
  if (const auto piece = core(kCoordinator).memory.any_piece()) lend_from_start(*piece, number);
  incarnation.member.join();
}

void SimulatedSystem::declare_dead(CoreNumber number) {
  const bool is_member = core(kCoordinator).member.cores().has(number);
  coordinator().declare_dead(number);
  if (!is_member && coordinator().may_start(number)) core(kCoordinator).loans.never_joined(number);
}

void SimulatedSystem::hang(CoreNumber number) {
  core(number).has_stopped = true;
  network_.halt(core(number).core);
}

void SimulatedSystem::end_object(ObjectNumber object) {
  objects[object].exists = false;
  for_each_live([&](const Incarnation& core) {
    expect(!core.memory.has_copy_of(object), "memory is used again of which a core has a copy");
  });
}

void SimulatedSystem::end_objects(Range range) {
  for (ObjectNumber object = 0; object < objects.size(); ++object)
    if (range.has(objects[object].base) && objects[object].exists) end_object(object);
}

bool SimulatedSystem::look() {
  if (size() > kMostCoresToLookAt) return wrong_ == nullptr;
  for_each_live([&](const Incarnation& core) {
    if (const char* const wrong = core.memory.look()) expect(false, wrong);
  });
  return wrong_ == nullptr;
}

const char* SimulatedSystem::run() {
  network_.set_observer([this] { return look(); });
  const auto outcome = network_.run();
  if (wrong_ == nullptr && outcome == network::Network::Outcome::no_end) return "it never ends";
  return wrong_;
}

}  // namespace sprat::test
