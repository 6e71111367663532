// views_test.cc — who is in the system: joins, deaths, false suspicions, cores that hang and are started again, in thousands of
// orders. SCHEDULES=N tries N; SPRAT_SEED=N repeats one that failed.

#include <algorithm>

#include "tests/agreement/simulated_system.hh"
#include "tests/schedules.hh"

using namespace sprat;
using namespace sprat::test;

namespace {

// At rest: all live cores know the same view, in which they are, and no others.
const char* judge(SimulatedSystem& system) {
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
const char* let_all_talk(SimulatedSystem& system) {
  const std::size_t before = system.heard, live = system.core(0).member.cores().size();
  for (CoreNumber from = 0; from < system.size(); ++from)
    for (CoreNumber to = 0; to < system.size(); ++to)
      if (from != to && system.exists(from)) system.core(from).say(to);
  if (const char* const wrong = system.run()) return wrong;
  return system.heard - before == live * (live - 1) ? nullptr : "a message is not heard";
}

// All cores start, and join.
void start_all(SimulatedSystem& system) {
  for (CoreNumber core = 1; core < system.size(); ++core) system.start(core);
}

struct Fate {
  unsigned suspicions, hangs, restarts, talks;
};

// One random event at a time, in between moves of the world, as `fate` allows.
Task<> happen(SimulatedSystem& system, Fate fate) {
  const auto any_core = [&] {
    return static_cast<CoreNumber>(system.random().below(system.size()));
  };
  for (std::size_t turns = 0; turns < 500; ++turns) {
    co_await system.network().turn(0);
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
    if (system.exists(core) && system.core(core).has_stopped)
      system.coordinator().declare_dead(core);
  co_return {};
}

const char* live(std::uint64_t seed) {
  SimulatedSystem system(seed, 3 + seed % 4);
  start_all(system);
  auto& random = system.random();
  system.network().start(0, happen(system, {.suspicions = static_cast<unsigned>(random.below(4)),
                                            .hangs = static_cast<unsigned>(random.below(3)),
                                            .restarts = static_cast<unsigned>(random.below(3)),
                                            .talks = static_cast<unsigned>(random.below(30))}));
  if (const char* const wrong = system.run()) return wrong;
  if (const char* const wrong = judge(system)) return wrong;
  return let_all_talk(system);
}

}  // namespace

Test(views, cores_that_join_are_in_one_view) {
  try_schedules(kSchedules / 10, [](std::uint64_t seed) -> const char* {
    SimulatedSystem system(seed, 2 + seed % 15);
    start_all(system);
    if (const char* const wrong = system.run()) return wrong;
    if (system.core(0).member.cores().size() != system.size()) return "a core is missing";
    if (system.core(0).member.view() != system.size()) return "a view has several changes";
    if (const char* const wrong = judge(system)) return wrong;
    return let_all_talk(system);
  });
}

Test(views, live_cores_agree_whatever_happens) { try_schedules(kSchedules, live); }

Test(views, of_two_cores_that_suspect_each_other_one_survives) {
  try_schedules(kSchedules / 10, [](std::uint64_t seed) -> const char* {
    SimulatedSystem system(seed, 5);
    system.begin_with(5);
    system.core(3).member.suspect(4);  // a change is in progress
    system.core(1).member.suspect(2);
    system.core(2).member.suspect(1);
    if (const char* const wrong = system.run()) return wrong;
    if (system.core(1).is_fenced == system.core(2).is_fenced) return "both died, or none";
    return judge(system);
  });
}

Test(views, every_incarnation_can_be_suspected) {
  SimulatedSystem system(1, 3);
  system.begin_with(3);
  for (int incarnation = 0; incarnation < 3; ++incarnation) {
    system.core(1).member.suspect(2);
    cr_assert(system.run() == nullptr && judge(system) == nullptr);
    cr_assert(system.core(2).is_fenced && system.coordinator().may_start(2));
    system.start(2);
    cr_assert(system.run() == nullptr && judge(system) == nullptr);
    cr_assert(!system.core(2).is_fenced);
  }
}

Test(views, cores_talk_while_the_view_changes) {
  std::size_t heard = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    SimulatedSystem system(seed, 4);
    start_all(system);
    system.network().start(
        0, happen(system, {.suspicions = 1, .hangs = 1, .restarts = 1, .talks = 20}));
    cr_assert(system.run() == nullptr);
    heard += system.heard;
  }
  cr_expect(heard > 200, "%zu messages", heard);
}

// ---- costs

namespace {

struct Cost {
  std::size_t messages;
  network::Time hops;
};

Cost cost_so_far(SimulatedSystem& system) {
  Cost cost{};
  for (const std::size_t posted : system.posted) cost.messages += posted;
  for (CoreNumber core = 0; core < system.size(); ++core)
    cost.hops = std::max(cost.hops, system.network().clock(system.core(core).core));
  return cost;
}

// From a suspicion of core `suspected` by core `suspecting` to the view without it.
Cost cost_of_a_death(std::size_t cores, CoreNumber suspecting, CoreNumber suspected) {
  SimulatedSystem system(1, cores);
  system.begin_with(cores);
  system.network().set_costs({.link = 1});
  if (suspecting == kCoordinator) {
    system.coordinator().declare_dead(suspected);
  } else {
    system.core(suspecting).member.suspect(suspected);
  }
  cr_assert(system.run() == nullptr);
  cr_assert(judge(system) == nullptr);
  return cost_so_far(system);
}

}  // namespace

Test(views, join_takes_three_messages_per_member_and_four_hops) {
  for (const std::size_t cores : {2, 3, 8, 64}) {
    SimulatedSystem system(1, cores);
    system.begin_with(cores - 1);
    system.network().set_costs({.link = 1});
    system.start(static_cast<CoreNumber>(cores - 1));
    cr_assert(system.run() == nullptr);
    cr_assert(judge(system) == nullptr);
    const Cost cost = cost_so_far(system);
    const std::size_t told = cores == 2 ? 3 : 3 * (cores - 2) + 3;
    cr_expect(cost.messages == told, "%zu messages, %zu cores", cost.messages, cores);
    cr_expect(cost.hops == (cores == 2 ? 2 : 4), "%lu hops", cost.hops);
  }
}

Test(views, death_takes_three_messages_per_other_core_and_four_hops) {
  for (const std::size_t cores : {3, 4, 8, 64, 1024}) {
    const Cost suspected = cost_of_a_death(cores, 1, 2);
    cr_expect(suspected.messages == 1 + 3 * (cores - 2), "%zu of %zu cores", suspected.messages,
              cores);
    cr_expect(suspected.hops == 4, "%lu hops", suspected.hops);
    const Cost seen = cost_of_a_death(cores, kCoordinator, 2);
    cr_expect(seen.messages == 3 * (cores - 2) && seen.hops == 3);
  }
}
