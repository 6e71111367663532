// names_test.cc — names of services: one initiator wins, all tables agree, whatever happens to cores meanwhile. SCHEDULES=N tries
// N; SPRAT_SEED=N repeats one that failed.

#include <algorithm>

#include "tests/agreement/fates.hh"
#include "tests/schedules.hh"

using namespace sprat;
using namespace sprat::test;

namespace {

constexpr unsigned kNames = 3;

Name name_of(unsigned number) {
  Name name;
  cr_assert(name.assign("service " + std::to_string(number)).ok());
  return name;
}

// The answers that callers got.
struct Told {
  std::size_t begun = 0, ended = 0;
  std::size_t registered = 0, in_use = 0, busy = 0, removed = 0;

  const char* add(const Result<void>& result, bool removes) {
    ++ended;
    if (result) ++(removes ? removed : registered);
    if (result) return nullptr;
    if (result.error() == Error::in_use) ++in_use;
    if (result.error() == Error::busy) ++busy;
    const bool is_right = removes
                              ? result.error() == Error::not_found || result.error() == Error::busy
                              : result.error() == Error::in_use || result.error() == Error::busy;
    return is_right ? nullptr : "a caller got an error that does not fit";
  }
};

// All cores of the system have `name` as its owner has it, at the moment in which the caller is told. Another task of the owner
// may have removed it already.
bool is_everywhere(SimulatedSystem& system, const Incarnation& owner, const Name& name,
                   std::uint32_t process) {
  const auto wanted = owner.names.look_up(name);
  if (!wanted || wanted.value().service.process != process) return true;
  bool everywhere = true;
  owner.member.cores().for_each([&](CoreNumber core) {
    const Incarnation& other = system.core(core);
    if (other.has_stopped || !other.member.cores().has(core)) return;
    const auto found = other.names.look_up(name);
    everywhere = everywhere && found && found.value() == wanted.value();
  });
  return everywhere;
}

Task<> register_name(SimulatedSystem& system, CoreNumber core, unsigned number, Told& told) {
  Incarnation& owner = system.core(core);
  const auto process = static_cast<std::uint32_t>(++told.begun);
  const auto result = co_await owner.names.add(name_of(number), process);
  if (const char* const wrong = told.add(result, false)) system.expect(false, wrong);
  if (result)
    system.expect(is_everywhere(system, owner, name_of(number), process),
                  "a caller was told that its name is registered, and a core does not know it");
  co_return {};
}

Task<> remove_name(SimulatedSystem& system, CoreNumber core, unsigned number, Told& told) {
  ++told.begun;
  const auto result = co_await system.core(core).names.remove(name_of(number));
  if (const char* const wrong = told.add(result, true)) system.expect(false, wrong);
  co_return {};
}

void start_on(SimulatedSystem& system, CoreNumber core, Task<> task) {
  system.network().start(system.core(core).core, std::move(task));
}

// At rest: all live cores have the same table, with names of live cores only, and nothing is half done.
const char* judge_names(SimulatedSystem& system) {
  for (CoreNumber core = 0; core < system.size(); ++core) {
    if (!system.exists(core) || system.core(core).has_stopped) continue;
    const Incarnation& one = system.core(core);
    if (!one.names.is_at_rest()) return "an operation is in progress for ever";
    for (unsigned number = 0; number < kNames; ++number) {
      const auto here = one.names.look_up(name_of(number));
      const auto first = system.core(0).names.look_up(name_of(number));
      if (here.ok() != first.ok() || (here && here.value() != first.value()))
        return "two tables differ";
      if (!here) continue;
      const Incarnation& owner = system.core(here.value().owner);
      if (owner.has_stopped || owner.member.incarnation() != here.value().service.incarnation)
        return "a dead core has a name";
    }
  }
  return nullptr;
}

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

Task<> use_names(SimulatedSystem& system, Told& told) {
  for (std::size_t turns = 0; turns < 200; ++turns) {
    co_await system.network().turn(0);
    if (system.random().below(8) != 0) continue;
    const auto core = static_cast<CoreNumber>(system.random().below(system.size()));
    if (!system.exists(core) || system.core(core).has_stopped) continue;
    if (system.core(core).member.view() == 0) continue;
    const auto number = static_cast<unsigned>(system.random().below(kNames));
    const bool removes = system.random().below(3) == 0;
    start_on(system, core,
             removes ? remove_name(system, core, number, told)
                     : register_name(system, core, number, told));
  }
  co_return {};
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
