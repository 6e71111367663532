// events.hh — events of the probe and its workers, for the scope to see: in the order of time, each by its own code.
//
// An answer says what was in the memory and the registers of a program, which the kernel can write. An event is an instruction of
// the program's own, and the kernel cannot have it executed but by running the program from one of its entries on. So a test
// asks for both: words that only the program's work makes, and the events on the way to them.

#pragma once

#include <cstdint>

#include "grading/guest/sequence.hh"

namespace sprat::probe {

enum class Event : unsigned {
  upcalled_run,  // of a worker, like the three that follow (worker.S)
  upcalled_page_fault,
  upcalled_trap,
  upcalled_lrpc,
  asks,        // the probe is about to do something of which it answers how it ended
  calls,       // a worker is about to make a call
  returns,     // and goes on behind it
  tells,       // the probe is about to tell the worker something
  told,        // the worker has been told
  faults,      // the worker is about to cause an exception
  ends,        // the probe is about to end the worker, or to take away something that it uses
  has_turn,    // the worker sees that another one had the processor last
  goes_round,  // the worker begins its loop again
  is_done,     // the worker has done all that it was made for
};

// The number by which the scope knows it, of a worker from 0 to 7.
constexpr unsigned number_of(Event what, unsigned worker = 0) {
  return 8 * (static_cast<unsigned>(what) + 1) + worker;
}

// A word that cannot be guessed from another one without knowing both.
constexpr std::uint64_t mixed(std::uint64_t word, std::uint64_t other) {
  return evidence::Sequence(word ^ other).next();
}

// The secrets that the probe and another address space have at the same address (worker.hh).
constexpr std::uint64_t secret_of_probe(std::uint64_t seed) { return mixed(seed, 1); }
constexpr std::uint64_t secret_of_space(std::uint64_t seed) { return mixed(seed, 2); }

}  // namespace sprat::probe
