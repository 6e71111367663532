// messages.hh — the messages by which monitors agree, one line each.
//
// Each carries the last view that its sender has prepared. Links keep the order of two cores only; what happens between
// three is ordered by that number (neighbour.hh).

#pragma once

#include "agreement/core_set.hh"
#include "interfaces/interface.hh"

namespace sprat::agreement {

// The number of a view, from 1 on. An incarnation of a core is known by the view that admitted it.
using ViewNumber = std::uint32_t;

// A larger number of a core does not travel.
inline constexpr unsigned kCoreBits = std::bit_width(kMostCores - 1);

enum class Change : std::uint8_t { death, join };

// To core 0: "I have started, and want to be in the system."
struct Hello {
  ViewNumber view = 0;
};

// To core 0: "`core` does not answer me."
struct Suspect {
  ViewNumber view = 0;
  CoreNumber core;
};

// From core 0: "`core` is dead, or joins. Do what that means for you, so that view `number` can be."
struct Prepare {
  ViewNumber view = 0;
  ViewNumber number;
  CoreNumber core;
  Change change;
};

// To core 0: "I have done that for view `view`."
struct Prepared {
  ViewNumber view = 0;
};

// From core 0: "All cores of the system have done that: view `number` is, with or without `core`."
struct Commit {
  ViewNumber view = 0;
  ViewNumber number;
  CoreNumber core;
  Change change;
};

// From core 0 to a core that joins, before its Commit: the cores of the view, 256 from number `first` on.
struct Members {
  ViewNumber view = 0;
  CoreNumber first;
  std::uint64_t word_0, word_1, word_2, word_3;
};

// To a core that is silent, and its answer (watch.hh).
struct Ping {
  ViewNumber view = 0;
};
struct Pong {
  ViewNumber view = 0;
};

// A number that a core gives to no two of its operations of one protocol.
using OperationNumber = std::uint32_t;

// ---- names of services (names.hh)

using Name = Bytes<16>;

// The process behind a name.
struct Service {
  std::uint32_t process;   // on the core of its owner
  ViewNumber incarnation;  // of that core
  bool operator==(const Service&) const = default;
};

// To all cores: "may I register `name`?"
struct Propose {
  ViewNumber view = 0;
  OperationNumber operation;
  std::uint32_t process;
  ViewNumber incarnation;
  Name name;
};

enum class Opinion : std::uint8_t {
  yes,
  taken,   // the name is registered
  lost,    // another core's proposal goes first
  no_room  // for one more proposal
};
struct Vote {
  ViewNumber view = 0;
  OperationNumber operation;
  Opinion opinion;
};

// To all cores that were asked, and the ones that have joined since.
enum class Outcome : std::uint8_t {
  registered,
  dropped,  // the proposal; no core answers
  removed,  // a name that was registered
};
struct Decide {
  ViewNumber view = 0;
  OperationNumber operation;
  std::uint32_t process;
  ViewNumber incarnation;
  Outcome outcome;
  Name name;
};

// To the initiator: "my table has the name", or has it no more.
struct Done {
  ViewNumber view = 0;
  OperationNumber operation;
};

// From core 0 to a core that joins, for each name in its table.
struct Known {
  ViewNumber view = 0;
  OperationNumber operation;
  std::uint32_t process;
  ViewNumber incarnation;
  CoreNumber owner;
  Name name;
};

// ---- capabilities that travel (tickets.hh)

// A number that a receiver gives to no two of the capabilities that it expects.
using TicketNumber = std::uint32_t;

// In place of the capability for `ticket`, which `asker` wanted you to have: "its object is being revoked, or I have no room."
struct Refused {
  ViewNumber view = 0;
  TicketNumber ticket;
  CoreNumber asker;
};

// ---- frames on several cores (frame_owner.hh, frame_holder.hh)

// A number that an owner gives to no two of the copies that it sends.
using Stamp = std::uint64_t;

// To the owner: "send a copy of the frame at `base` to core `to`, for `ticket`."
struct Copy {
  ViewNumber view = 0;
  TicketNumber ticket;
  CoreNumber to;
  std::uint8_t rights;
  std::uint64_t base;
};

// From the owner: "here is a copy of my frame of 2^`bits` bytes at `base`, because `asker` wanted you to have it."
struct Recv {
  ViewNumber view = 0;
  TicketNumber ticket;
  CoreNumber asker;
  std::uint8_t bits, rights;
  std::uint64_t base;
  Stamp stamp;
};

// To the owner: "I have no copy of that frame any more, and the last one that you have sent me was `stamp`."
struct Dropped {
  ViewNumber view = 0;
  std::uint64_t base;
  Stamp stamp;
};

// From the owner: "delete all copies of my frames from `begin` to `end`."
struct Revoke {
  ViewNumber view = 0;
  OperationNumber operation;
  std::uint64_t begin, end;
};

// To the owner: "I have none."
struct Gone {
  ViewNumber view = 0;
  OperationNumber operation;
};

// ---- RAM that cores lend to each other (loans.hh)

// 2 MiB of RAM: its physical address divided by that.
using PieceNumber = std::uint32_t;

// From the lender: "you can use `piece`", for `ticket`, because `asker` wanted you to have it.
struct Lend {
  ViewNumber view = 0;
  TicketNumber ticket;
  CoreNumber asker;
  PieceNumber piece;
};

// To the lender: "I do not use `piece` any more; `asker` wanted `to`, which may be you, to have it next, for `ticket`."
struct Return {
  ViewNumber view = 0;
  TicketNumber ticket;
  CoreNumber asker, to;
  PieceNumber piece;
};

// From the lender: "return `piece` when you have revoked all that was made of it."
struct Take {
  ViewNumber view = 0;
  PieceNumber piece;
};

// To core 0, before Prepared: "the core that had lent me `piece` is dead; you are the lender now."
struct Orphan {
  ViewNumber view = 0;
  PieceNumber piece;
};

// To core 0: "lend me a piece, for `ticket`." The answer is Lend, or Refused.
struct Want {
  ViewNumber view = 0;
  TicketNumber ticket;
};

// ---- operations in two phases (two_phases.hh)

// The second phase of the operation before, for which all cores have voted.
enum class Decision : std::uint8_t { none, dropped, carried_out };
enum class Contents : std::uint8_t { decision, decision_and_proposal };

// From an initiator to all cores, along a tree: a decision on the last proposal, and a new proposal, about two numbers.
struct Round {
  ViewNumber view = 0;
  CoreNumber initiator;
  Decision decision;
  Contents contents;
  OperationNumber number;
  std::uint64_t object, value;
};

// The other way: "all cores below me and I have done that, and all of us, or not all, vote for the proposal."
enum class Verdict : std::uint8_t { against, in_favour };
struct Answer {
  ViewNumber view = 0;
  CoreNumber initiator;
  Verdict verdict;
  OperationNumber number;
};

// clang-format off
inline constexpr Notice hello{"hello", 1, field("view", &Hello::view)};
inline constexpr Notice suspect{"suspect", 2, field("view", &Suspect::view), field("core", &Suspect::core, kCoreBits)};
inline constexpr Notice prepare{"prepare", 3, field("view", &Prepare::view), field("number", &Prepare::number),
                                field("core", &Prepare::core, kCoreBits), field("change", &Prepare::change, Change::join)};
inline constexpr Notice prepared{"prepared", 4, field("view", &Prepared::view)};
inline constexpr Notice commit{"commit", 5, field("view", &Commit::view), field("number", &Commit::number),
                               field("core", &Commit::core, kCoreBits), field("change", &Commit::change, Change::join)};
inline constexpr Notice members{"members", 6, field("view", &Members::view), field("first", &Members::first, kCoreBits),
                                field("word-0", &Members::word_0), field("word-1", &Members::word_1),
                                field("word-2", &Members::word_2), field("word-3", &Members::word_3)};
inline constexpr Notice ping{"ping", 7, field("view", &Ping::view)};
inline constexpr Notice pong{"pong", 8, field("view", &Pong::view)};
inline constexpr Notice propose{"propose", 16, field("view", &Propose::view), field("operation", &Propose::operation),
                                field("process", &Propose::process), field("incarnation", &Propose::incarnation),
                                field("name", &Propose::name)};
inline constexpr Notice vote{"vote", 17, field("view", &Vote::view), field("operation", &Vote::operation),
                             field("opinion", &Vote::opinion, Opinion::no_room)};
inline constexpr Notice decide{"decide", 18, field("view", &Decide::view), field("operation", &Decide::operation),
                               field("process", &Decide::process), field("incarnation", &Decide::incarnation),
                               field("outcome", &Decide::outcome, Outcome::removed), field("name", &Decide::name)};
inline constexpr Notice done{"done", 19, field("view", &Done::view), field("operation", &Done::operation)};
inline constexpr Notice known{"known", 20, field("view", &Known::view), field("operation", &Known::operation),
                              field("process", &Known::process), field("incarnation", &Known::incarnation),
                              field("owner", &Known::owner, kCoreBits), field("name", &Known::name)};
inline constexpr Notice refused{"refused", 32, field("view", &Refused::view), field("ticket", &Refused::ticket),
                                field("asker", &Refused::asker, kCoreBits)};
inline constexpr Notice copy{"copy", 33, field("view", &Copy::view), field("ticket", &Copy::ticket),
                             field("to", &Copy::to, kCoreBits), field("rights", &Copy::rights), field("base", &Copy::base)};
inline constexpr Notice recv{"recv", 34, field("view", &Recv::view), field("ticket", &Recv::ticket),
                             field("asker", &Recv::asker, kCoreBits), field("bits", &Recv::bits),
                             field("rights", &Recv::rights), field("base", &Recv::base), field("stamp", &Recv::stamp)};
inline constexpr Notice dropped{"dropped", 35, field("view", &Dropped::view), field("base", &Dropped::base),
                                field("stamp", &Dropped::stamp)};
inline constexpr Notice revoke{"revoke", 36, field("view", &Revoke::view), field("operation", &Revoke::operation),
                               field("begin", &Revoke::begin), field("end", &Revoke::end)};
inline constexpr Notice gone{"gone", 37, field("view", &Gone::view), field("operation", &Gone::operation)};
inline constexpr Notice lend{"lend", 48, field("view", &Lend::view), field("ticket", &Lend::ticket),
                             field("asker", &Lend::asker, kCoreBits), field("piece", &Lend::piece)};
inline constexpr Notice give_back{"return", 49, field("view", &Return::view), field("ticket", &Return::ticket),
                                  field("asker", &Return::asker, kCoreBits), field("to", &Return::to, kCoreBits),
                                  field("piece", &Return::piece)};
inline constexpr Notice take{"take", 50, field("view", &Take::view), field("piece", &Take::piece)};
inline constexpr Notice orphan{"orphan", 51, field("view", &Orphan::view), field("piece", &Orphan::piece)};
inline constexpr Notice want{"want", 52, field("view", &Want::view), field("ticket", &Want::ticket)};
inline constexpr Notice round{"round", 64, field("view", &Round::view), field("initiator", &Round::initiator, kCoreBits),
                              field("decision", &Round::decision, Decision::carried_out),
                              field("contents", &Round::contents, Contents::decision_and_proposal),
                              field("number", &Round::number), field("object", &Round::object),
                              field("value", &Round::value)};
inline constexpr Notice answer{"answer", 65, field("view", &Answer::view), field("initiator", &Answer::initiator, kCoreBits),
                               field("verdict", &Answer::verdict, Verdict::in_favour),
                               field("number", &Answer::number)};
// clang-format on

inline constexpr Interface<hello, suspect, prepare, prepared, commit, members, ping, pong, propose,
                           vote, decide, done, known, refused, copy, recv, dropped, revoke, gone,
                           lend, give_back, take, orphan, want, round, answer>
    interface {
  "agreement"
};

inline const char* name_of(Change change) { return change == Change::death ? "death" : "join"; }
inline const char* name_of(Opinion opinion) {
  switch (opinion) {
    case Opinion::yes: return "yes";
    case Opinion::taken: return "taken";
    case Opinion::lost: return "lost";
    case Opinion::no_room: return "no_room";
  }
  return "?";
}
inline const char* name_of(Decision decision) {
  switch (decision) {
    case Decision::none: return "none";
    case Decision::dropped: return "dropped";
    case Decision::carried_out: return "carried_out";
  }
  return "?";
}
inline const char* name_of(Contents contents) {
  return contents == Contents::decision ? "decision" : "decision_and_proposal";
}
inline const char* name_of(Verdict verdict) {
  return verdict == Verdict::against ? "against" : "in_favour";
}
inline const char* name_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::registered: return "registered";
    case Outcome::dropped: return "dropped";
    case Outcome::removed: return "removed";
  }
  return "?";
}

}  // namespace sprat::agreement
