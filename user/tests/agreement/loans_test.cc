// loans_test.cc — RAM that cores lend to each other: each piece is in one window, and in none whose core is dead, whatever happens.
// SCHEDULES=N tries N; SPRAT_SEED=N repeats one that failed.

#include "tests/agreement/memory_traffic.hh"
#include "tests/schedules.hh"

using namespace sprat;
using namespace sprat::test;

namespace {

// Core `from` gives `piece` to core `to`; returns the number of messages.
std::size_t give(SimulatedSystem& system, PieceNumber piece, CoreNumber from, CoreNumber to) {
  const std::size_t before = cost_so_far(system).messages;
  Incarnation &giver = system.core(from), &receiver = system.core(to);
  receiver.memory.never_fails = true;
  const TicketNumber ticket = receiver.tickets.expect(from).value();
  const CoreNumber source = giver.loans.source_of(piece, to);
  cr_assert(giver.loans.give(piece, to, ticket).ok());
  Task<Frame> task = receiver.tickets.receive(ticket, source, giver.member.last_prepared());
  system.network().wake(receiver.core, *task.starter());
  cr_assert(system.run() == nullptr);
  cr_assert(task.done() && task.result().ok() && receiver.memory.has(piece));
  receiver.memory.claim(ticket);
  return cost_so_far(system).messages - before;
}

}  // namespace

Test(loans, each_piece_is_in_one_window_whatever_happens_to_cores) {
  Traffic all;
  try_schedules(kSchedules / 5, [&](std::uint64_t seed) -> const char* {
    SimulatedSystem system(seed, 3 + seed % 3);
    system.begin_with(system.size());
    Traffic traffic;
    system.network().start(0, use_memory(system, traffic));
    system.network().start(0, happen(system, any_slow_fate(system.random())));
    if (const char* const wrong = system.run()) return wrong;
    if (const char* const wrong = judge(system)) return wrong;
    if (const char* const wrong = judge_memory(system)) return wrong;
    all.add(traffic);
    return nullptr;
  });
  if (is_one_schedule()) return;
  cr_expect(all.received_ram > 0 && all.received > 0 && all.taken_back > 0 && all.refused > 0);
}

Test(loans, loan_costs_one_message_from_the_home_and_two_from_a_borrower) {
  SimulatedSystem system(1, 5);
  system.begin_with(5);
  cr_expect(give(system, 1, 1, 2) == 1);  // from its home
  cr_expect(give(system, 1, 2, 3) == 2);  // from a borrower
  cr_expect(give(system, 1, 3, 1) == 1);  // home again
  cr_expect(give(system, 1, 1, 0) == 1);  // to core 0, for good
  cr_expect(give(system, 1, 0, 4) == 1);  // which is its home now
  cr_expect(system.core(0).loans.look_up(1)->borrower == 4);
}

Test(loans, taking_back_costs_two_messages) {
  SimulatedSystem system(1, 4);
  system.begin_with(4);
  give(system, 1, 1, 2);
  system.core(2).memory.make(range_of(PieceNumber{1}).begin);
  const std::size_t before = cost_so_far(system).messages;
  Traffic traffic;
  system.network().start(system.core(1).core,
                         take_back(system, system.core(1).core, range_of(PieceNumber{1}), traffic));
  cr_assert(system.run() == nullptr && traffic.taken_back == 1);
  cr_expect(cost_so_far(system).messages - before == 2);
  cr_expect(system.core(1).memory.has(1) && system.core(2).memory.has_no_frames());
}

Test(loans, core_0_takes_back_from_the_borrower_of_a_home) {
  SimulatedSystem system(1, 4);
  system.begin_with(4);
  give(system, 1, 1, 2);
  const std::size_t before = cost_so_far(system).messages;
  Traffic traffic;
  system.network().start(system.core(0).core,
                         take_back(system, system.core(0).core, range_of(PieceNumber{1}), traffic));
  cr_assert(system.run() == nullptr && traffic.taken_back == 1);
  cr_expect(cost_so_far(system).messages - before == 4);
  cr_expect(system.core(0).memory.has(1));
}

Test(loans, borrower_is_the_home_when_the_home_is_dead) {
  SimulatedSystem system(1, 4);
  system.begin_with(4);
  give(system, 1, 1, 2);
  system.coordinator().declare_dead(1);
  cr_assert(system.run() == nullptr);
  cr_expect(system.core(0).loans.look_up(1)->borrower == 2);
  cr_expect(system.core(2).memory.has(1));
  cr_expect(give(system, 1, 2, 3) == 1);
}

// Core 2, which is stopped and still in the view, could have had the piece of core 1.
Test(loans, take_back_waits_until_core_0_has_the_ram_of_a_dead_home) {
  SimulatedSystem system(1, 4);
  system.begin_with(4);
  system.coordinator().declare_dead(1);
  system.coordinator().declare_dead(2);
  const auto is_ownerless = [&] {
    return system.core(0).loans.look_up(1)->state == Loans::State::ownerless;
  };
  while (!is_ownerless()) cr_assert(system.network().step());
  Task<> task = system.core(0).loans.take_back(range_of(PieceNumber{1}));
  system.network().wake(system.core(0).core, *task.starter());
  while (is_ownerless()) cr_assert(!task.done() && system.network().step());
  cr_assert(system.run() == nullptr);
  cr_expect(task.done() && system.core(0).memory.has(1));
}

// Core 1, a borrower of the dead core 2, is the home at once and lends the piece to core 3; then it dies before core 0 has heard that
// from it.
Test(loans, borrower_of_a_home_that_was_a_borrower_is_the_home_when_both_are_dead) {
  std::size_t kept = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SimulatedSystem system(seed, 4);
    system.begin_with(4);
    give(system, 2, 2, 1);
    system.coordinator().declare_dead(2);
    while (system.core(1).loans.look_up(2)->lender != kCoordinator)
      cr_assert(system.network().step());
    const TicketNumber ticket = system.core(3).tickets.expect(1).value();
    system.core(3).memory.never_fails = true;
    cr_assert(system.core(1).loans.give(2, 3, ticket).ok());
    for (auto steps = seed % 8; steps != 0; --steps) system.network().step();
    system.coordinator().declare_dead(1);
    cr_assert(system.run() == nullptr);
    cr_assert(system.core(0).memory.has(2) != system.core(3).memory.has(2));
    if (system.core(3).memory.has(2)) ++kept;
    if (system.core(3).memory.has(2)) cr_expect(system.core(0).loans.look_up(2)->borrower == 3);
  }
  cr_expect(kept > 0);
}

Test(loans, ram_of_a_core_that_never_joined_comes_back) {
  SimulatedSystem system(1, 3);
  cr_assert(system.core(0).memory.leave(1).ok());
  system.core(0).loans.had_from_start(1, 2);
  system.core(0).loans.never_joined(2);
  cr_expect(system.core(0).memory.has(1));
  cr_expect(system.core(0).loans.look_up(1)->state == Loans::State::here);
}

Test(loans, ram_for_an_earlier_incarnation_stays_at_home) {
  SimulatedSystem system(1, 4);
  system.begin_with(4);
  give(system, 1, 1, 2);
  const ViewNumber before = system.core(2).member.last_prepared();
  system.coordinator().declare_dead(3);
  cr_assert(system.run() == nullptr);
  system.start(3);
  cr_assert(system.run() == nullptr);
  cr_assert(system.core(2).memory.leave(1).ok());
  system.core(1).loans.handle(2, Return{before, 1, 2, 3, 1});
  cr_expect(system.core(1).memory.has(1));
}

Test(loans, ram_for_a_dead_core_stays_at_home) {
  SimulatedSystem system(1, 4);
  system.begin_with(4);
  give(system, 1, 1, 2);
  const ViewNumber before = system.core(2).member.last_prepared();
  system.coordinator().declare_dead(3);
  cr_assert(system.run() == nullptr);
  cr_assert(system.core(2).memory.leave(1).ok());
  system.core(1).loans.handle(2, Return{before, 1, 2, 3, 1});
  cr_expect(system.core(1).memory.has(1));
}
