// messages.hh — messages between the dispatchers of one process.

#pragma once

#include "interfaces/interface.hh"

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

// clang-format off
inline constexpr Reply  ran   {"ran",    1, field("a", &Ran::a), field("b", &Ran::b), field("c", &Ran::c),
                               field("d", &Ran::d), field("e", &Ran::e)};
inline constexpr Rpc    run   {"run",    2, ran, field("function", &Run::function, 47), field("task", &Run::task),
                               field("a", &Run::a), field("b", &Run::b), field("c", &Run::c),
                               field("d", &Run::d), field("e", &Run::e)};
inline constexpr Notice cancel{"cancel", 3, field("task", &Cancel::task)};
inline constexpr Reply  there {"there",  4, field("process", &There::process)};
inline constexpr Rpc    where {"where",  5, there, field("core", &Where::core)};
// clang-format on

inline constexpr Interface<ran, run, cancel, there, where> interface {
  "span", 32
};

}  // namespace sprat::span_messages
