// report.hh — the page that a child shares with the judge (judge.cc): its orders, and their results.
//
// The page is the judge's own. The child holds a copy of its capability and may write whatever it likes there.

#pragma once

#include <cstdint>

#include "sprat/capability.hh"
#include "sprat/dispatcher_frame.hh"

namespace sprat::hostile {

struct Report {
  std::uint64_t order;  // the number of an attack
  std::uint64_t seed;   // of a fuzzer

  std::uint64_t steps;  // how far it has come
  std::uint64_t done;   // not 0: it has nothing more to do

  // Failures: how many, and the first.
  std::uint64_t failures;
  std::uint64_t line, expected, came;
};
inline constexpr VirtualAddress kReportAddress{0x100'0000'0000};

// In the place of a vector: the code came to its end.
inline constexpr std::uint64_t kNotTrapped = 256;

// How an attack must end.
inline constexpr std::uint64_t kGoesOn = 1000;     // the attacker says that it is done
inline constexpr std::uint64_t kNeverEnds = 1001;  // the judge must end it
// All else is the vector of the trap that stops the attacker (kNoTrap: it has nothing to live from).

struct Attack {
  const char* name;
  void (*run)();
  std::uint64_t end;
};
// attacks.cc: the attacks that need no other core come first.
std::size_t attack_count();
std::size_t attacks_of_one_core();
const Attack& attack(std::size_t number);

// Slots of the child's free CNode, node 2, which the judge fills. The next ones are empty.
inline constexpr std::uint64_t kSecret = 1;  // a frame that may only be read, mapped nowhere
inline constexpr std::uint64_t kKernel =
    2;  // this core's driver, with no right but to print and to be copied
inline constexpr std::uint64_t kPorts = 3;  // eight ports behind which is nothing
inline constexpr std::uint64_t kLine = 4;   // an interrupt line that no device uses
inline constexpr std::uint64_t kBell =
    5;  // a notification of the judge's, without the right to signal it
inline constexpr std::uint64_t kNobody =
    6;  // an endpoint of the neighbour's, without the right to grant it
inline constexpr std::uint64_t kForeign = 7;  // a frame of another core's memory, or empty
inline constexpr std::uint64_t kShared =
    8;  // a frame of this core's that another one can write, or empty
inline constexpr std::uint64_t kReport = 9;  // the report's frame
inline constexpr std::uint64_t kFirstFree =
    32;  // those between are for the tables of the report's mapping

inline constexpr std::uint64_t kPortCount = 8;

}  // namespace sprat::hostile
