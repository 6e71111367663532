// simulated_system.hh — the monitors of a system on a simulated network: cores that start, hang, are stopped, and start again.
//
// A core's number is used again by its next incarnation, which is another core of the network, with other links.

#pragma once

#include <map>
#include <memory>
#include <string>

#include "agreement/coordinator.hh"
#include "agreement/names.hh"
#include "agreement/neighbour.hh"
#include "agreement/two_phases.hh"
#include "tests/agreement/picture.hh"
#include "tests/agreement/simulated_memory.hh"
#include "tests/network/network.hh"

namespace sprat::test {

using namespace agreement;

// A message that has nothing to do with agreement. The test knows which incarnation the sender means, and says it.
struct Talk {
  ViewNumber view = 0;
  std::uint64_t from, to;  // incarnations
};
inline constexpr Notice talk{"talk", 100, field("view", &Talk::view), field("from", &Talk::from),
                             field("to", &Talk::to)};

inline constexpr Interface<hello, suspect, prepare, prepared, commit, members, propose, vote,
                           decide, done, known, refused, copy, recv, dropped, revoke, gone, lend,
                           give_back, take, orphan, round, answer, talk>
    all_messages{"simulated system"};

class SimulatedSystem;

// A core's part in operations in two phases. An operation is known by its number, which the test gives to no two of them.
class SimulatedVoter final : public Voter {
 public:
  bool vote(CoreNumber initiator, const Proposal& proposal) override;
  void decide(CoreNumber initiator, const Proposal& proposal, Decision decision) override;

  // Proposals with this value are refused.
  static constexpr std::uint64_t kRefused = 1;

  std::map<std::uint64_t, Decision>
      decisions;  // by operation; Decision::none: voted on, and undecided
  bool refuses = false;
};

// A part of a monitor that a test adds.
class Extension {
 public:
  virtual ~Extension() = default;

  // `line` came from `core`, and is no message of the monitors.
  virtual void handle(CoreNumber core, const urpc::Message<>& line) = 0;

  // `piece` is in this core's window now.
  virtual void entered(PieceNumber piece) = 0;

  // Another core is to have `piece` from its start. False: it is in use.
  virtual bool take_out(PieceNumber piece) = 0;
};

struct Extensions {
  std::function<std::unique_ptr<Extension>(Incarnation&)> make;
  std::size_t pieces;  // of RAM, in the whole system
};

// A monitor.
class Incarnation final : public Platform, private ViewObserver {
 public:
  Incarnation(SimulatedSystem& system, CoreNumber number);

  void post(CoreNumber core, const urpc::Message<>& line) override;
  bool has_room(CoreNumber core) const override;
  void open(CoreNumber core) override;
  void close(CoreNumber core) override;
  void fence(CoreNumber core) override;
  void view_is_prepared() override;
  void make_ready(Waiter& waiter) override;

  // ---- for its neighbours
  ViewNumber last_prepared() const { return member.last_prepared(); }
  void handle_other(CoreNumber from, const urpc::Message<>& line);
  template <class Body>
  void handle(CoreNumber from, const Body& body) {
    if constexpr (std::is_same_v<Body, Recv>) note_object(from, body.stamp);
    if constexpr (std::is_same_v<Body, Talk>) {
      hear(from, body);
    } else {
      hand_to_one_of(from, body, &member, coordinator.get(), &names, &tickets, &owner, &two_phases,
                     &loans, &holder);
    }
  }
  void hear(CoreNumber from, const Talk& body);
  void note_object(CoreNumber from, Stamp stamp);

  // The process with that ticket goes away.
  void abandon(TicketNumber ticket);

  // Says something to `core` if it is in this core's view.
  void say(CoreNumber core);

  SimulatedSystem& system;
  const CoreNumber number;
  const std::size_t core;  // of the network
  Member member;
  std::unique_ptr<Coordinator> coordinator;  // on core 0
  Names names;
  SimulatedMemory memory;
  Tickets tickets;
  std::vector<FrameOwner::SharedFrame> shared_frames;
  std::vector<FrameOwner::Holding> holdings;
  std::vector<FrameHolder::ForeignFrame> foreign_frames;
  FrameOwner owner;
  FrameHolder holder;
  std::vector<Loans::Piece> pieces;
  Loans loans;
  SimulatedVoter voter;
  std::vector<TwoPhases::Part> parts;
  TwoPhases two_phases;
  std::unique_ptr<Extension> extension;  // or null
  // Tickets whose askers have not said anything about them yet.
  std::map<TicketNumber, CoreNumber> unannounced;
  bool has_stopped = false;  // no instruction is executed
  bool is_fenced = false;

 private:
  void prepare(const Prepare& change) override;
  void commit(const Commit& change) override;
  void note_copy(const urpc::Message<>& line);

  using End = network::End<>;
  struct Connection {
    Connection(Incarnation& self, CoreNumber peer, network::Cable& cable, int side)
        : end(cable, side), neighbour(peer, end, self) {}
    End end;
    Neighbour<all_messages, End, Incarnation> neighbour;
  };

  // This core's end of the link, from the first line on that one of the two sends.
  Connection& connect(Incarnation& peer);

  std::map<CoreNumber, std::unique_ptr<Connection>> connections_;  // null: no line was sent yet
};

class SimulatedSystem {
 public:
  static constexpr LineCosts kStar{0, 0, 1};

  // `cores` cores, of which only core 0 is in the system.
  SimulatedSystem(std::uint64_t seed, std::size_t cores, LineCosts costs = kStar,
                  std::optional<Extensions> extensions = {});
  ~SimulatedSystem();

  // The first `count` cores are in the system from the beginning, as if they had joined before.
  void begin_with(std::size_t count);

  // Starts an incarnation of `number`, which says hello. `number` may be started, or is started for the first time.
  void start(CoreNumber number);

  // Core 0 stops `number`, which was started.
  void declare_dead(CoreNumber number);

  // The core executes nothing any more, but no other core knows that.
  void hang(CoreNumber number);

  // Lets moves of the world happen until there is none. Returns a description of the first fault, or null.
  const char* run();

  std::size_t size() const { return current_.size(); }
  Incarnation& core(CoreNumber number) { return *current_[number]; }
  bool exists(CoreNumber number) const { return current_[number] != nullptr; }
  Incarnation& incarnation(std::size_t core) { return *incarnations_[core]; }
  Coordinator& coordinator() { return *core(kCoordinator).coordinator; }
  network::Network& network() { return network_; }
  network::Random& random() { return network_.random(); }

  // The link between two incarnations, and the number of the side of `self`.
  std::pair<network::Cable&, int> cable(std::size_t self, std::size_t peer);
  bool has_cable(std::size_t self, std::size_t peer) const {
    return cables_.contains(std::minmax(self, peer));
  }

  // Remembers the first thing that is wrong.
  void expect(bool is_right, const char* wrong) {
    if (!is_right && wrong_ == nullptr) wrong_ = wrong;
  }

  // Calls visit(incarnation) for each one that executes instructions.
  template <class Visit>
  void for_each_live(Visit visit) {
    for (const auto& incarnation : incarnations_)
      if (!incarnation->has_stopped) visit(*incarnation);
  }

  // Decides on the tree of operations in two phases.
  const LineCosts line_costs;

  const std::optional<Extensions> extensions;

  // All frames of all time; the memory of one can be used for another when it has ended.
  std::vector<Object> objects;
  void end_object(ObjectNumber object);
  void end_objects(Range range);

  // The incarnation that has each piece of RAM in its window, or had it when it was stopped; none: it is on its way.
  std::vector<std::optional<std::size_t>> places;

  // The objects and pieces of RAM that are meant for tickets, by incarnation of the receiver.
  std::map<std::pair<std::size_t, TicketNumber>, ObjectNumber> meant;
  std::map<std::pair<std::size_t, TicketNumber>, PieceNumber> meant_ram;

  // The objects of copies that were sent, by incarnation of the owner and stamp.
  std::map<std::pair<std::size_t, Stamp>, ObjectNumber> sent;

  // Messages between cores, by the numbers of their kinds.
  std::array<std::size_t, 256> posted{};
  std::size_t heard = 0;

 private:
  friend class Incarnation;
  bool look();
  void lend_from_start(PieceNumber piece, CoreNumber number);

  network::Network network_;
  std::optional<Picture> picture_;  // if there is but one schedule
  std::map<std::pair<std::size_t, std::size_t>, network::Cable*> cables_;
  std::vector<std::unique_ptr<Incarnation>> incarnations_;  // by cores of the network
  std::vector<Incarnation*> current_;                       // by number
  const char* wrong_ = nullptr;
};

}  // namespace sprat::test
