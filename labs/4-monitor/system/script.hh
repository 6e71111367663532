// script.hh — the program `home`: it carries out the steps of a script, one after the other, and answers the outcome of each.

#pragma once

#include <span>

#include "orders.hh"

namespace sprat::probe {

enum class Do : std::uint8_t {
  connect,  // a caller to a process
  begin,    // the same, but does not wait until it is connected
  wait,     // for a caller that has begun to connect
  give,     // an order to the process to which a caller is connected
  close,    // a caller's connection
  often,  // connects to the answerer of a core, orders mix, and closes: more often than there are places for channels
  ends,   // how many ends of channels a core has when all has come to rest
  early,  // the same for connections that wait for a process to listen
  run,    // a program of this core
  kill,   // that one
  stop,   // a core
  start,  // a core
  alone,  // waits until the peer of a caller has no other client
  lines,  // how many lines this monitor and a peer's have posted since the last such step
};

// As an argument of an order, a number that the seed decides, another one each time.
inline constexpr std::uint64_t kDrawn = ~std::uint64_t{0};

struct Step {
  const char* key;
  Do what;
  std::uint64_t caller = 0, core = 0;
  const char* name = "";
  Deed order = Deed::mix;
  std::uint64_t a = 0, b = 0;
};
using Script = std::span<const Step>;

// By name; empty: there is none.
Script script_of(std::string_view name);

Task<> carry_out(Script script);

}  // namespace sprat::probe
