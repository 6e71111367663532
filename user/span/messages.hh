// messages.hh — messages between the dispatchers of one process.

#pragma once

#include "interfaces/interface.hh"
#include "lib/frames.hh"
#include "span/pages.hh"

namespace sprat::span_messages {

// "Call this function of ours."
struct Run {
  std::uint64_t function;  // its address: the program is the same on all cores
  std::uint16_t task;      // a number that the caller gives to no other task at the same time
  std::uint64_t a, b, c, d, e;
};
struct Ran {
  std::uint64_t a, b, c, d, e;
};

// "I do not want that result any more."
struct Cancel {
  std::uint16_t task;
};

// To the first dispatcher: "which process is our dispatcher on `core`?"
struct Where {
  std::uint16_t core;
};
struct There {
  std::uint64_t process;
};

// To the first dispatcher: "I want to map shared page `page`; its frame can come for `ticket`." In the middle of a limit it is answered
// `busy`, and the limit's end is told by `again`.
struct Want {
  FrameTicket ticket;
  std::uint16_t page;
};
// "It comes; you may map it so."
struct Given {
  FrameSent frame;
  Mapping mapping;
};

// From the first dispatcher: "you may map shared page `page` no more than so, from now on."
struct Limit {
  std::uint16_t page;
  Mapping mapping;
};

// clang-format off
inline constexpr Reply  ran   {"ran",    1, field("a", &Ran::a), field("b", &Ran::b), field("c", &Ran::c),
                               field("d", &Ran::d), field("e", &Ran::e)};
inline constexpr Rpc    run   {"run",    2, ran, field("function", &Run::function, 47), field("task", &Run::task),
                               field("a", &Run::a), field("b", &Run::b), field("c", &Run::c),
                               field("d", &Run::d), field("e", &Run::e)};
inline constexpr Notice cancel{"cancel", 3, field("task", &Cancel::task)};
inline constexpr Reply  there {"there",  4, field("process", &There::process)};
inline constexpr Rpc    where {"where",  5, there, field("core", &Where::core)};
inline constexpr Reply  given {"given",  6, field("frame", &Given::frame),
                               field("mapping", &Given::mapping, Mapping::writable)};
inline constexpr Rpc    want  {"want",   7, given, field("ticket", &Want::ticket), field("page", &Want::page)};
inline constexpr Reply  limited{"limited", 8};
inline constexpr Rpc    limit {"limit",  9, limited, field("page", &Limit::page),
                               field("mapping", &Limit::mapping, Mapping::writable)};
inline constexpr Notice again {"again", 10};
// clang-format on

inline constexpr Interface<limited, limit, ran, run, cancel, there, where, given, want, again>
    interface {
  "span", 33
};

}  // namespace sprat::span_messages
