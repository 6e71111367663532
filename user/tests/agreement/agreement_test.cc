// agreement_test.cc — all protocols at once: joins, deaths and restarts, names, frames and RAM, in one system. SCHEDULES=N tries N;
// SPRAT_SEED=N repeats one that failed.

#include "tests/agreement/memory_traffic.hh"
#include "tests/agreement/name_traffic.hh"
#include "tests/schedules.hh"

using namespace sprat;
using namespace sprat::test;

Test(agreement, all_protocols_run_at_once_whatever_happens_to_cores) {
  Traffic all;
  Told told;
  try_schedules(kSchedules / 5, [&](std::uint64_t seed) -> const char* {
    SimulatedSystem system(seed, 3 + seed % 4);
    start_all(system);
    Traffic traffic;
    system.network().start(0, use_names(system, told));
    system.network().start(0, use_memory(system, traffic));
    system.network().start(0, happen(system, any_slow_fate(system.random())));
    if (const char* const wrong = system.run()) return wrong;
    if (const char* const wrong = judge(system)) return wrong;
    if (const char* const wrong = judge_names(system)) return wrong;
    if (const char* const wrong = judge_memory(system)) return wrong;
    all.add(traffic);
    return let_all_talk(system);
  });
  if (is_one_schedule()) return;
  cr_expect(told.registered > 0 && told.removed > 0);
  cr_expect(all.received > 0 && all.received_ram > 0 && all.revoked > 0 && all.taken_back > 0);
}
