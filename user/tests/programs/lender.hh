// lender.hh — the interface of the lender (lender.cc): a server that takes RAM, lends it, and receives some.

#pragma once

#include "interfaces/interface.hh"
#include "lib/lent_ram.hh"

namespace sprat::lender {

struct Wanted {
  RamTicket ticket;
};
struct Sent {
  RamSent piece;
};
struct Core {
  std::uint8_t number;
};
struct State {
  std::uint64_t base, word;  // of its piece, or 0; what it has written there
};
// As RamRequest::pieces.
struct Counts {
  std::uint64_t here, lent, borrowed, lines;
};

// clang-format off
inline constexpr Reply lent   {"lent",    1,          field("piece", &Sent::piece)};
inline constexpr Rpc   lend   {"lend",    2, lent,    field("ticket", &Wanted::ticket)};  // its piece, or a new one
inline constexpr Reply awaited{"awaited", 3,          field("ticket", &Wanted::ticket)};
inline constexpr Rpc   await  {"await",   4, awaited};                                    // it will have a piece of the client's
inline constexpr Reply done   {"done",    5};
inline constexpr Rpc   take   {"take",    6, done,    field("piece", &Sent::piece)};      // here it is; the server writes to it
inline constexpr Rpc   drop   {"drop",    7, done};                                       // gives it back
inline constexpr Rpc   pass   {"pass",    8, done,    field("core", &Core::number)};      // gives it to the lender of another core
inline constexpr Reply state  {"state",   9,          field("base", &State::base), field("word", &State::word)};
inline constexpr Rpc   look   {"look",   10, state};
inline constexpr Reply counts {"counts", 11,          field("here", &Counts::here), field("lent", &Counts::lent),
                                                      field("borrowed", &Counts::borrowed), field("lines", &Counts::lines)};
inline constexpr Rpc   count  {"count",  12, counts};
inline constexpr Rpc   exit   {"exit",   13, done};                                       // comes never
// clang-format on

inline constexpr Interface<lent, lend, awaited, await, done, take, drop, pass, state, look, counts,
                           count, exit>
    interface {
  "lender"
};

}  // namespace sprat::lender
