// script.hh — the program `home`: it carries out the steps of a script, one after the other, and answers the outcome of each.

#pragma once

#include <span>

#include "grading/guest/evidence.hh"
#include "orders.hh"
#include "programs.hh"

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
  spawn,  // a program on a core, with a number and words
  spawn_often,  // a program that ends at once, on a core: more often than there are places
  kill,         // the process that was started last
  ended,        // waits until it has ended
  processes,    // how many processes a core has when all has come to rest
  free_ram,     // how much less RAM a core has than at the last such step, in KiB
  stop,         // a core
  start,        // a core
  alone,        // waits until the peer of a caller has no other client
  reported,     // by a process of this core under a letter: number a
  lines,        // how many lines this monitor and a peer's have posted since the last such step
};

// As an argument of an order, a number that the seed decides, another one each time.
inline constexpr std::uint64_t kDrawn = ~std::uint64_t{0};

struct Step {
  const char* key;
  Do what;
  std::uint64_t caller = 0, core = 0;
  const char* name = "";
  const char* words = "";
  Deed order = Deed::mix;
  std::uint64_t a = 0, b = 0;
};
using Script = std::span<const Step>;

// By name; empty: there is none.
Script bind_script(std::string_view name);
Script spawn_script(std::string_view name);

// Answers by `session` whatever has a key.
Task<> carry_out(Script script, evidence::Session& session);

// A command line: a name, a number and words.
class CommandLine {
 public:
  CommandLine(std::string_view name, std::uint64_t number);
  void add(std::string_view word);
  std::string_view text() const { return {letters_.data(), length_}; }

 private:
  std::array<char, 120> letters_;
  std::size_t length_ = 0;
};

// Waits until the process has ended.
Task<> ended_process(const Child& child);

// The next number, on a core on its way by command lines, which have room for so many digits.
inline std::uint64_t relayed(std::uint64_t core, std::uint64_t number) {
  return mix(core, number) >> 12;
}

}  // namespace sprat::probe
