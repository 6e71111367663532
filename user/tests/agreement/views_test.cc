// views_test.cc — the views of the system: joins, deaths, false suspicions, cores that hang and are started again, in thousands of
// orders. SCHEDULES=N tries N; SPRAT_SEED=N repeats one that failed.

#include <algorithm>

#include "tests/agreement/fates.hh"
#include "tests/schedules.hh"

using namespace sprat;
using namespace sprat::test;

namespace {

const char* live(std::uint64_t seed) {
  SimulatedSystem system(seed, 3 + seed % 4);
  start_all(system);
  system.network().start(0, happen(system, any_fate(system.random())));
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

Test(views, live_cores_agree_whatever_happens) {
  try_schedules(kSchedules, [](std::uint64_t seed) { return live(seed); });
}

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

Test(views, late_suspicion_does_not_stop_the_next_incarnation) {
  SimulatedSystem system(1, 3);
  system.begin_with(3);
  system.coordinator().declare_dead(2);
  cr_assert(system.run() == nullptr);
  system.start(2);
  system.coordinator().handle(1, Suspect{3, 2});
  cr_assert(!system.core(2).is_fenced);
  cr_assert(system.run() == nullptr && judge(system) == nullptr);
  cr_expect(system.core(0).member.cores().has(2));
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
  for (const std::size_t cores : std::initializer_list<std::size_t>{3, 4, 8, 64, kLargestSystem}) {
    const Cost suspected = cost_of_a_death(cores, 1, 2);
    cr_expect(suspected.messages == 1 + 3 * (cores - 2), "%zu of %zu cores", suspected.messages,
              cores);
    cr_expect(suspected.hops == 4, "%lu hops", suspected.hops);
    const Cost seen = cost_of_a_death(cores, kCoordinator, 2);
    cr_expect(seen.messages == 3 * (cores - 2) && seen.hops == 3);
  }
}
