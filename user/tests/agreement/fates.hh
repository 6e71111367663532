// fates.hh — random events for the cores of a simulated system, and its right state when all is over.

#pragma once

#include <algorithm>

#include "tests/agreement/simulated_system.hh"

namespace sprat::test {

// At rest: all live cores know the same view, in which they are, and no others.
inline const char* judge(SimulatedSystem& system) {
  const Member& first = system.core(0).member;
  for (CoreNumber core = 0; core < system.size(); ++core) {
    if (!system.exists(core)) continue;
    const Incarnation& incarnation = system.core(core);
    if (first.cores().has(core) == incarnation.has_stopped)
      return incarnation.has_stopped ? "a silent core is in the view" : "a live core is in no view";
    if (incarnation.has_stopped) continue;
    if (incarnation.member.view() != first.view()) return "two cores know different views";
    if (incarnation.member.cores() != first.cores()) return "two cores know different members";
    if (incarnation.member.last_prepared() != first.view()) return "a view is prepared only";
  }
  return nullptr;
}

// No link is stuck: each live core hears each other one.
inline const char* let_all_talk(SimulatedSystem& system) {
  const std::size_t before = system.heard, live = system.core(0).member.cores().size();
  for (CoreNumber from = 0; from < system.size(); ++from)
    for (CoreNumber to = 0; to < system.size(); ++to)
      if (from != to && system.exists(from)) system.core(from).say(to);
  if (const char* const wrong = system.run()) return wrong;
  return system.heard - before == live * (live - 1) ? nullptr : "a message is not heard";
}

// All cores start, and join.
inline void start_all(SimulatedSystem& system) {
  for (CoreNumber core = 1; core < system.size(); ++core) system.start(core);
}

struct Fate {
  unsigned suspicions, hangs, restarts, talks;
  unsigned turns_per_event = 1;  // on average
};

inline Fate any_fate(network::Random& random) {
  return {.suspicions = static_cast<unsigned>(random.below(4)),
          .hangs = static_cast<unsigned>(random.below(3)),
          .restarts = static_cast<unsigned>(random.below(3)),
          .talks = static_cast<unsigned>(random.below(30))};
}

// The same while processes use memory, so that most events come when there is something to be lost.
inline Fate any_slow_fate(network::Random& random) {
  Fate fate = any_fate(random);
  fate.turns_per_event = 8;
  return fate;
}

// One random event at a time, in between moves of the world, as `fate` allows.
inline Task<> happen(SimulatedSystem& system, Fate fate) {
  const auto any_core = [&] {
    return static_cast<CoreNumber>(system.random().below(system.size()));
  };
  for (std::size_t turns = 0; turns < 500; ++turns) {
    co_await system.network().turn(0);
    if (system.random().below(fate.turns_per_event) != 0) continue;
    const CoreNumber core = any_core(), other = any_core();
    if (!system.exists(core) || !system.exists(other) || core == other) continue;
    Incarnation& one = system.core(core);
    switch (system.random().below(4)) {
      case 0:  // one may be wrong about another, at any time
        if (fate.suspicions == 0) break;
        --fate.suspicions;
        if (!one.has_stopped) one.member.suspect(other);
        break;
      case 1:
        if (fate.hangs == 0 || core == kCoordinator || one.has_stopped) break;
        --fate.hangs;
        system.hang(core);
        break;
      case 2:
        if (fate.restarts == 0 || !system.coordinator().may_start(core)) break;
        --fate.restarts;
        system.start(core);
        break;
      default:
        if (fate.talks == 0) break;
        --fate.talks;
        one.say(other);
        break;
    }
  }
  // Core 0 finds out about each core that is silent.
  for (CoreNumber core = 1; core < system.size(); ++core)
    if (system.exists(core) && system.core(core).has_stopped) system.declare_dead(core);
  co_return {};
}

// Of all messages so far. With a link that takes 1 and nothing else that takes time, the time is in hops.
struct Cost {
  std::size_t messages;
  network::Time hops;
  bool operator==(const Cost&) const = default;
};

inline Cost cost_so_far(SimulatedSystem& system) {
  Cost cost{};
  for (const std::size_t posted : system.posted) cost.messages += posted;
  for (CoreNumber core = 0; core < system.size(); ++core)
    cost.hops = std::max(cost.hops, system.network().clock(system.core(core).core));
  return cost;
}

}  // namespace sprat::test
