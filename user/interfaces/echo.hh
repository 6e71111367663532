// echo.hh — an interface for demos and tests: text that comes back, numbers that are added, notices.

#pragma once

#include "interfaces/interface.hh"

namespace sprat::echo {

struct Text {
  Bytes<200> text;
  bool operator==(const Text&) const = default;
};
struct Summands {
  std::uint64_t a, b;
  bool operator==(const Summands&) const = default;
};
struct Sum {
  std::uint64_t sum;
  bool operator==(const Sum&) const = default;
};

// clang-format off
inline constexpr Reply  echoed{"echoed", 1,         field("text", &Text::text)};
inline constexpr Rpc    echo  {"echo",   2, echoed, field("text", &Text::text)};
inline constexpr Reply  sum   {"sum",    3,         field("sum", &Sum::sum)};
inline constexpr Rpc    add   {"add",    4, sum,    field("a", &Summands::a), field("b", &Summands::b)};
inline constexpr Notice note  {"note",   5,         field("text", &Text::text)};
// clang-format on

inline constexpr Interface<echoed, echo, sum, add, note> interface {
  "echo"
};

}  // namespace sprat::echo
