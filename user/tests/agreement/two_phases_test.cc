// two_phases_test.cc — operations in two phases: all cores carry one out, or none does, whatever happens to cores meanwhile; rounds and
// time by the number of cores. SCHEDULES=N tries N; SPRAT_SEED=N repeats one that failed.

#include "tests/agreement/fates.hh"
#include "tests/schedules.hh"

using namespace sprat;
using namespace sprat::test;

namespace {

struct Operations {
  std::uint64_t begun = 0;
  std::size_t ended = 0, carried_out = 0, dropped = 0, busy = 0;
};

Task<> carry_out(SimulatedSystem& system, std::size_t initiator, std::uint64_t value,
                 Operations& operations) {
  const std::uint64_t number = ++operations.begun;
  const auto result = co_await system.incarnation(initiator).two_phases.carry_out({number, value});
  ++operations.ended;
  if (!result && result.error() == Error::busy) {
    ++operations.busy;
    co_return {};
  }
  ++(result ? operations.carried_out : operations.dropped);
  system.for_each_live([&](const Incarnation& core) {
    const auto decision = core.voter.decisions.find(number);
    if (decision == core.voter.decisions.end()) return;  // it has joined since
    system.expect(decision->second == (result ? Decision::carried_out : Decision::dropped),
                  "a caller was told about a decision that a core does not know");
    system.expect(!result || !core.voter.refuses || value != SimulatedVoter::kRefused,
                  "an operation is carried out that a core has voted against");
  });
  co_return {};
}

void begin(SimulatedSystem& system, CoreNumber core, std::uint64_t value, Operations& operations) {
  system.network().start(system.core(core).core,
                         carry_out(system, system.core(core).core, value, operations));
}

Task<> use_two_phases(SimulatedSystem& system, Operations& operations) {
  for (std::size_t turns = 0; turns < 200; ++turns) {
    co_await system.network().turn(0);
    if (system.random().below(4) != 0) continue;
    const auto core = static_cast<CoreNumber>(system.random().below(system.size()));
    if (!system.exists(core) || system.core(core).has_stopped) continue;
    if (system.core(core).member.view() == 0) continue;
    begin(system, core, system.random().below(4), operations);
  }
  co_return {};
}

// At rest: nothing is undecided, and no two live cores have decided differently.
const char* judge_operations(SimulatedSystem& system) {
  const char* wrong = nullptr;
  const auto expect = [&](bool is_right, const char* message) {
    if (!is_right && wrong == nullptr) wrong = message;
  };
  system.for_each_live([&](const Incarnation& core) {
    expect(core.two_phases.is_at_rest(), "an operation is in progress for ever");
    for (const auto& [number, decision] : core.voter.decisions)
      expect(decision != Decision::none, "a core does not hear of a decision");
  });
  return wrong;
}

// With trees from seven cores on.
constexpr LineCosts kTree{1, 1, 0};
static_assert(best_fan_out(6, kTree) == 5 && best_fan_out(7, kTree) == 2);

const char* live(std::uint64_t seed, std::size_t cores, Operations& all) {
  SimulatedSystem system(seed, cores, kTree);
  start_all(system);
  for (CoreNumber core = 1; core < system.size(); ++core)
    system.core(core).voter.refuses = core % 2 == 1;
  Operations operations;
  system.network().start(0, use_two_phases(system, operations));
  system.network().start(0, happen(system, any_slow_fate(system.random())));
  if (const char* const wrong = system.run()) return wrong;
  if (const char* const wrong = judge(system)) return wrong;
  if (const char* const wrong = judge_operations(system)) return wrong;
  all.carried_out += operations.carried_out;
  all.dropped += operations.dropped;
  return let_all_talk(system);
}

// Of `operations` that core 0 begins at once in a system of `cores`.
Cost cost_of(std::size_t cores, std::size_t operations, LineCosts lines) {
  SimulatedSystem system(1, cores, lines);
  system.begin_with(cores);
  system.network().set_costs({.send = lines.send, .receive = lines.receive, .link = lines.link});
  Operations all;
  for (std::size_t i = 0; i < operations; ++i) begin(system, 0, 0, all);
  cr_assert(system.run() == nullptr);
  cr_assert(all.carried_out == operations);
  return cost_so_far(system);
}

}  // namespace

Test(two_phases, all_cores_carry_an_operation_out_or_none_does) {
  Operations all;
  try_schedules(kSchedules / 5, [&](std::uint64_t seed) { return live(seed, 4 + seed % 6, all); });
  if (!is_one_schedule()) cr_expect(all.carried_out > 0 && all.dropped > 0);
}

Test(two_phases, operation_takes_four_messages_for_each_other_core_and_four_hops) {
  for (const std::size_t cores : std::initializer_list<std::size_t>{1, 2, 8, 64, kLargestSystem}) {
    const Cost cost = cost_of(cores, 1, SimulatedSystem::kStar);
    cr_expect(cost == (Cost{4 * (cores - 1), cores == 1 ? 0u : 4u}), "%zu messages, %lu hops",
              cost.messages, cost.hops);
  }
}

Test(two_phases, pipeline_of_operations_takes_one_round_more_than_there_are) {
  for (const std::size_t operations : {1, 2, 8, 16}) {
    const Cost cost = cost_of(8, operations, SimulatedSystem::kStar);
    cr_expect(cost == (Cost{2 * 7 * (operations + 1), 2 * (operations + 1)}),
              "%zu messages, %lu hops", cost.messages, cost.hops);
  }
}

// In instructions: our links send a line in 19 and receive one in 26. With this time on the way, trees begin at 13 cores, as in
// Figure 6 of the Barrelfish paper.
constexpr LineCosts kOurs{19, 26, 60};

Test(two_phases, tree_takes_the_place_of_the_star_at_thirteen_cores) {
  for (std::size_t cores = 3; cores <= 12; ++cores)
    cr_expect(best_fan_out(cores, kOurs) == cores - 1, "%zu cores", cores);
  for (std::size_t cores = 13; cores <= kLargestSystem; ++cores)
    cr_expect(best_fan_out(cores, kOurs) < cores - 1, "%zu cores", cores);
}

// Answers of smaller subtrees come a little earlier than in the plan, which takes them in the order of their cores.
Test(two_phases, time_in_the_simulated_network_is_the_time_of_the_plan) {
  for (const std::size_t cores :
       std::initializer_list<std::size_t>{4, 12, 13, kLargestSystem / 4, kLargestSystem}) {
    const std::uint64_t round = time_of_answer({cores, best_fan_out(cores, kOurs)}, kOurs);
    const std::uint64_t star = time_of_answer({cores, cores - 1}, kOurs);
    const Cost cost = cost_of(cores, 1, kOurs);
    cr_expect(cost.messages == 4 * (cores - 1));
    cr_expect(cost.hops <= 2 * round && cost.hops >= 19 * 2 * round / 20,
              "%zu cores: %lu, planned %lu", cores, cost.hops, 2 * round);
    cr_expect(cores < 256 || 6 * round < star, "%zu cores: %lu, star %lu", cores, round, star);
  }
}
