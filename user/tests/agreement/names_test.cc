// names_test.cc — names of services: one initiator wins, all tables agree, whatever happens to cores meanwhile. SCHEDULES=N tries
// N; SPRAT_SEED=N repeats one that failed.

#include <algorithm>

#include "tests/agreement/name_traffic.hh"
#include "tests/schedules.hh"

using namespace sprat;
using namespace sprat::test;

namespace {

// Several cores want one name.
const char* compete(std::uint64_t seed, Told& told) {
  SimulatedSystem system(seed, 2 + seed % 5);
  system.begin_with(system.size());
  const std::size_t initiators = 1 + system.random().below(system.size());
  for (CoreNumber core = 0; core < initiators; ++core)
    start_on(system, core, register_name(system, core, 0, told));
  if (const char* const wrong = system.run()) return wrong;
  if (told.ended != told.begun) return "a caller was told nothing";
  if (told.registered != 1) return "none has won, or more than one";
  return judge_names(system);
}

const char* live(std::uint64_t seed, Told& told) {
  SimulatedSystem system(seed, 3 + seed % 3);
  start_all(system);
  system.network().start(0, use_names(system, told));
  system.network().start(0, happen(system, any_fate(system.random())));
  if (const char* const wrong = system.run()) return wrong;
  if (const char* const wrong = judge(system)) return wrong;
  if (const char* const wrong = judge_names(system)) return wrong;
  return let_all_talk(system);
}

}  // namespace

Test(names, one_of_several_initiators_wins) {
  Told all;
  try_schedules(kSchedules, [&](std::uint64_t seed) {
    Told told;
    const char* const wrong = compete(seed, told);
    all.busy += told.busy;
    all.in_use += told.in_use;
    return wrong;
  });
  if (std::getenv("SPRAT_SEED") == nullptr) cr_expect(all.busy > 0 && all.in_use > 0);
}

Test(names, tables_agree_whatever_happens) {
  Told told;
  try_schedules(kSchedules, [&](std::uint64_t seed) { return live(seed, told); });
  if (std::getenv("SPRAT_SEED") == nullptr)
    cr_expect(told.registered > 0 && told.removed > 0 && told.in_use > 0);
}

Test(names, abandoned_registration_ends_by_itself) {
  SimulatedSystem system(1, 3);
  system.begin_with(3);
  {
    Task<> task = system.core(1).names.add(name_of(0), 1);
    system.network().begin(system.core(1).core, task);
    while (system.posted[propose.number] == 0) cr_assert(system.network().step());
  }
  cr_assert(system.run() == nullptr);
  cr_expect(judge_names(system) == nullptr);
  cr_expect(system.core(2).names.look_up(name_of(0)).ok());
}

Test(names, registration_and_removal_cost_what_they_should) {
  for (const std::size_t cores : {1, 2, 4, 8, 64}) {
    SimulatedSystem system(1, cores);
    system.begin_with(cores);
    system.network().set_costs({.link = 1});
    Told told;
    const auto owner = static_cast<CoreNumber>(cores - 1);
    start_on(system, owner, register_name(system, owner, 0, told));
    cr_assert(system.run() == nullptr && told.registered == 1);
    const Cost registered = cost_so_far(system);
    cr_expect(registered.messages == 4 * (cores - 1) && registered.hops == (cores == 1 ? 0 : 4));
    start_on(system, owner, remove_name(system, owner, 0, told));
    cr_assert(system.run() == nullptr && told.removed == 1);
    const Cost both = cost_so_far(system);
    cr_expect(both.messages == 6 * (cores - 1) && both.hops == (cores == 1 ? 0 : 6));
  }
}

Test(names, operations_of_one_core_overlap) {
  SimulatedSystem system(1, 8);
  system.begin_with(8);
  system.network().set_costs({.link = 1});
  Told told;
  for (unsigned number = 0; number < Names::kMostOperations; ++number)
    start_on(system, 3, register_name(system, 3, number, told));
  cr_assert(system.run() == nullptr && told.registered == Names::kMostOperations);
  const Cost cost = cost_so_far(system);
  cr_expect(cost.messages == 4 * 7 * Names::kMostOperations);
  cr_expect(cost.hops == 4, "%lu hops", cost.hops);
}
