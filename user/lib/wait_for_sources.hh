// wait_for_sources.hh — the sleep of an event loop that has polled sources.

#pragma once

#include <array>

#include "lib/sources.hh"
#include "urpc/sleep.hh"

namespace sprat {

// All polled sources of a loop together, as the one end for which it waits. No coroutine is resumed while sleep is announced.
template <class Poll>
struct PolledSources {
  SourceList& polled;
  Poll poll;
  bool is_announced = false;

  SPRAT_INLINE bool look(urpc::Wish) {
    if (!is_announced) return poll();
    return polled.any([](Source& source) { return source.look_again(); });
  }
  void announce(urpc::Wish) {
    is_announced = true;
    polled.any([](Source& source) { return source.announce(), true; });
  }
  void withdraw() {
    polled.any([](Source& source) { return source.withdraw(), true; });
  }
};

struct Processor {
  std::uint64_t now() const { return __builtin_ia32_rdtsc(); }
  void relax() const { __builtin_ia32_pause(); }
  void sleep() const { wait_for_notification(); }
};

// Blocks until something may have come. `poll` polls the whole loop, its sources too, and returns whether there was anything.
template <class Poll>
SPRAT_INLINE void wait_for_sources(Sources& sources, Poll poll) {
  Processor processor;
  std::array<PolledSources<Poll>, 1> all{{{sources.polled, poll}}};
  urpc::wait_for_any(all, urpc::Wish::message, sources.poll_cycles(), processor);
}

}  // namespace sprat
