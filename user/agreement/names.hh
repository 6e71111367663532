// names.hh — names of services, replicated on every core: looked up without a message, registered by votes.
//
// Each core has the whole table. The core that wants to register a name, the initiator, asks all others, and two phases keep
// two cores from registering the same one:
//
//   initiator 2                        core 0                  core 1
//      ├── propose 7 "echo" ─────────▶│                          │
//      ├── propose 7 "echo" ───────────────────────────────────▶│    each promises the name to core 2
//      │◀──────────────── vote: yes ──┤                          │
//      │◀───────────────────────────────────────── vote: yes ───┤
//      ├── decide 7: registered ─────▶│                          │    each has it in its table
//      ├── decide 7: registered ───────────────────────────────▶│
//      │◀──────────────────── done ───┤                          │
//      │◀───────────────────────────────────────────── done ────┤
//      the caller is told: now every look-up on every core finds it
//
// Two initiators of one name meet where one's proposal reaches the other: the larger core gives way. It withdraws its own
// proposal and votes yes; the smaller one votes `lost` and goes on. A core that has promised the name to another one and has no
// proposal of its own does not say no because of that: it keeps the proposal until the first one is decided. So of several
// initiators one wins, and no two wait for each other: an initiator waits for a decision of another one at most, and those two
// meet. An initiator does not try again by itself.
//
// A dead core's votes are not waited for, and its names, proposals and promises go when the view without it is prepared: an
// operation concerns only its initiator's own names, so there is nothing to be decided in its place. A core that joins gets
// core 0's table, and the decisions of all operations that are in progress. (model/names.pml)

#pragma once

#include "agreement/member.hh"
#include "agreement/operation_end.hh"

namespace sprat::agreement {

class Names final : private ViewObserver {
 public:
  // Registered names of all cores together.
  static constexpr std::size_t kMostNames = 256;
  // Operations of a core in progress; and cores that may have some.
  static constexpr std::size_t kMostOperations = 4, kMostInitiators = 64;

  // `member` and `platform` must outlive this.
  Names(Member& member, Platform& platform) : member_(member), platform_(platform) {
    member.observe(*this);
  }

  struct Found {
    CoreNumber owner;
    Service service;
    bool operator==(const Found&) const = default;
  };
  // Looks `name` up in this core's table: no message.
  //   not_found   it is not registered, as far as this core knows
  Result<Found> look_up(const Name& name) const;

  // The n-th name in this core's table, from 0.  not_found: there are fewer
  struct Registered {
    Name name;
    Found found;
  };
  Result<Registered> nth(std::size_t n) const;

  // Registers `name` for `process` of this core, on all cores: 4 (N - 1) messages and four hops in a system of N. Ends when
  // every core's table has it.
  //   in_use          the name is registered
  //   busy            another core's proposal goes first, this core is removing the name, its operations are all in use, a
  //                   link has no room now, or this core has not joined the system yet: the caller may try again
  //   out_of_memory   no room in a table, or for the coroutine
  Task<> add(Name name, std::uint32_t process);

  // Takes a name of this core out of all tables: 2 (N - 1) messages and two hops. Ends when no table has it.
  //   not_found       this core has not registered it
  //   busy            this core's operations are all in use
  //   out_of_memory   for the coroutine
  Task<> remove(Name name);

  // Whether nothing is in progress here: neither an operation of this core nor one of another core's.
  bool is_at_rest() const;

  // From the monitor of another core.
  void handle(CoreNumber from, const Propose& message);
  void handle(CoreNumber from, const Vote& message);
  void handle(CoreNumber from, const Decide& message);
  void handle(CoreNumber from, const Done& message);
  void handle(CoreNumber from, const Known& message);

 private:
  enum class State : std::uint8_t {
    free,
    kept,      // of another core, which waits for our vote
    promised,  // to its owner, which may be this core
    registered,
  };
  struct Record {
    State state = State::free;
    CoreNumber owner = 0;
    OperationNumber operation = 0;
    Name name{};
    Service service{};
  };
  // The record of `owner`'s operation, of which `message` tells.
  template <class Message>
  static Record record_of(State state, CoreNumber owner, const Message& message) {
    return {state, owner, message.operation, message.name, {message.process, message.incarnation}};
  }

  // Of this core, in progress.
  struct Operation {
    enum class Phase : std::uint8_t { free, voting, deciding, over };
    Phase phase = Phase::free;
    OperationNumber number = 0;
    Decide decision{};  // what the others are told
    CoreSet missing;    // cores that have not voted, or are not done
    CoreSet told;       // cores that know of it
    Result<void> result;
    bool is_awaited = false;
    Result<void> outcome() const { return result; }
    Waiter caller;
  };

  template <class Holds>
  Record* find(Holds holds) {
    for (Record& record : records_)
      if (record.state != State::free && holds(record)) return &record;
    return nullptr;
  }
  Record* find(CoreNumber owner, OperationNumber operation);
  Record* holder_of(const Name& name);
  bool has_room_for_a_name() const;
  bool links_have_room() const;
  bool keep(Record record);
  void drop(Record& record);
  void promise_next(const Name& name);
  void refuse_kept(const Name& name);

  Operation* take_operation();
  Operation* own(OperationNumber number, Operation::Phase phase);
  Operation* own_vote_on(const Name& name);
  Operation* next_decision(OperationNumber after);
  bool is_being_removed(const Name& name) const;
  void tell_all(Operation& operation);
  void go_on(Operation& operation);
  void give_up(Operation& operation, Error error);
  void end(Operation& operation, Result<void> result);
  void answer(CoreNumber core, OperationNumber operation, Opinion opinion);

  void prepare(const Prepare& change) override;
  void forget(CoreNumber dead);
  void introduce(CoreNumber joiner);
  void commit(const Commit&) override {}

  Member& member_;
  Platform& platform_;
  OperationNumber last_number_ = 0;
  // Each operation of another core has one record at most.
  std::array<Record, kMostNames + kMostInitiators * kMostOperations> records_{};
  std::array<Operation, kMostOperations> operations_{};
};

}  // namespace sprat::agreement
