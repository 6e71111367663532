// courier.hh — the interface of the courier (courier.cc): a server that has a page, and gives it away and receives others.

#pragma once

#include "interfaces/interface.hh"
#include "lib/frames.hh"

namespace sprat::courier {

struct Wanted {
  FrameTicket ticket;
  std::uint8_t rights;
};
struct Sent {
  FrameSent frame;
};
struct Ticket {
  FrameTicket ticket;
};
struct Word {
  std::uint64_t value;
};
// As FrameRequest::frames.
struct Counts {
  std::uint64_t own, foreign, tickets, lines;
};

// clang-format off
inline constexpr Reply lent   {"lent",    1,          field("frame", &Sent::frame)};
inline constexpr Rpc   lend   {"lend",    2, lent,    field("ticket", &Wanted::ticket), field("rights", &Wanted::rights)};
inline constexpr Reply awaited{"awaited", 3,          field("ticket", &Ticket::ticket)};
inline constexpr Rpc   await  {"await",   4, awaited};                                 // the server will have a frame of the client's
inline constexpr Reply done   {"done",    5};
inline constexpr Rpc   take   {"take",    6, done,    field("frame", &Sent::frame)};   // here it is; the server maps it
inline constexpr Rpc   drop   {"drop",    7, done};                                    // and has it no more
inline constexpr Reply word   {"word",    8,          field("value", &Word::value)};
inline constexpr Rpc   look   {"look",    9, word};                                    // word 1 of the server's page
inline constexpr Rpc   write  {"write",  10, done,    field("value", &Word::value)};   // into word 1 of the page that it was given
inline constexpr Rpc   revoke {"revoke", 11, done};                                    // the server's page
inline constexpr Reply counts {"counts", 12,          field("own", &Counts::own), field("foreign", &Counts::foreign),
                                                      field("tickets", &Counts::tickets), field("lines", &Counts::lines)};
inline constexpr Rpc   count  {"count",  13, counts};
inline constexpr Rpc   exit   {"exit",   14, done};                                    // comes never
inline constexpr Rpc   keep   {"keep",   15, done};                                    // the frame that it was given, until `drop`
// clang-format on

inline constexpr Interface<lent, lend, awaited, await, done, take, drop, word, look, write, revoke,
                           counts, count, exit, keep>
    interface {
  "courier"
};

}  // namespace sprat::courier
