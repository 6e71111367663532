// frames_test.cc — frames on several cores: an owner knows its holders, a revoke leaves no copy, and each memory comes back, whatever
// happens to cores meanwhile. SCHEDULES=N tries N; SPRAT_SEED=N repeats one that failed.

#include "tests/agreement/memory_traffic.hh"
#include "tests/schedules.hh"

using namespace sprat;
using namespace sprat::test;

namespace {

// A system with two frames of core 0.
class TwoFrames {
 public:
  explicit TwoFrames(std::size_t cores) : system(1, cores) {
    system.begin_with(cores);
    for (const std::size_t which : {0, 1}) system.core(0).memory.make(base(which));
    for (CoreNumber core = 0; core < cores; ++core) system.core(core).memory.never_fails = true;
  }

  static std::uint64_t base(std::size_t which) { return which * kFrameBytes; }

  // Core `from` sends a copy to core `to`, which receives it.
  void send(CoreNumber from, CoreNumber to, std::size_t which = 0) {
    Incarnation &sender = system.core(from), &receiver = system.core(to);
    const TicketNumber ticket = receiver.tickets.expect(from).value();
    const auto sent = from == 0 ? sender.owner.send({base(which), kFrameBits, 1}, to, ticket)
                                : sender.holder.send(base(which), 1, to, ticket);
    cr_assert(sent.ok());
    Task<Frame> task = receiver.tickets.receive(ticket, 0, sender.member.last_prepared());
    system.network().wake(receiver.core, *task.starter());
    cr_assert(system.run() == nullptr);
    cr_assert(task.done() && task.result().ok());
    if (to != 0) receiver.memory.claim(ticket);
  }

  void revoke(Range range) {
    Traffic traffic;
    system.network().start(system.core(0).core,
                           revoke_frames(system, system.core(0).core, range, traffic));
    cr_assert(system.run() == nullptr && traffic.revoked == 1);
  }

  // Of `act`; nothing has taken time before.
  template <class Act>
  Cost cost_of(Act act) {
    const std::size_t before = cost_so_far(system).messages;
    system.network().set_costs({.link = 1});
    act();
    Cost cost = cost_so_far(system);
    cost.messages -= before;
    return cost;
  }

  SimulatedSystem system;
};

// Copies the frame as often as it can, while it is there.
Task<> keep_copying(SimulatedSystem& system, Incarnation& self, std::uint64_t base, int& turns) {
  while (self.memory.object_at(base) && ++turns < 1000) {
    self.memory.copy_foreign(base);
    self.memory.copy_foreign(base);
    co_await system.network().turn(self.core);
  }
  co_return {};
}

constexpr Range kFirstFrame{0, kFrameBytes};

}  // namespace

Test(frames, live_and_die_whatever_happens_to_cores) {
  Traffic all;
  try_schedules(kSchedules / 5, [&](std::uint64_t seed) -> const char* {
    SimulatedSystem system(seed, 3 + seed % 3);
    system.begin_with(system.size());
    Traffic traffic{.with_ram = false};
    system.network().start(0, use_memory(system, traffic));
    system.network().start(0, happen(system, any_slow_fate(system.random())));
    if (const char* const wrong = system.run()) return wrong;
    if (const char* const wrong = judge(system)) return wrong;
    if (const char* const wrong = judge_memory(system)) return wrong;
    all.add(traffic);
    return nullptr;
  });
  if (is_one_schedule()) return;
  cr_expect(all.received > 0 && all.refused > 0 && all.peers_gone > 0 && all.abandoned > 0);
  cr_expect(all.revoked > 0);
}

Test(frames, copy_costs_one_message_from_its_owner_and_two_from_a_holder) {
  TwoFrames from_owner(2), from_holder(3), to_owner(2);
  cr_expect(from_owner.cost_of([&] { from_owner.send(0, 1); }) == (Cost{1, 1}));
  from_holder.send(0, 1);
  cr_expect(from_holder.cost_of([&] { from_holder.send(1, 2); }) == (Cost{2, 2}));
  to_owner.send(0, 1);
  cr_expect(to_owner.cost_of([&] { to_owner.send(1, 0); }) == (Cost{1, 1}));
}

Test(frames, last_copy_of_a_holder_costs_one_message) {
  TwoFrames it(3);
  it.send(0, 1);
  it.send(0, 1);
  const auto remove_one = [&] {
    it.system.core(1).memory.remove_foreign(it.base(0));
    cr_assert(it.system.run() == nullptr);
  };
  cr_expect(it.cost_of(remove_one) == (Cost{0, 0}));
  cr_expect(it.cost_of(remove_one) == (Cost{1, 1}));
  cr_expect(!it.system.core(0).owner.may_be_held(it.base(0), 1));
}

Test(frames, revoke_costs_two_messages_for_each_holder_and_two_hops) {
  for (const std::size_t cores : std::initializer_list<std::size_t>{1, 2, 8, 64, kLargestSystem}) {
    TwoFrames it(cores);
    for (CoreNumber to = 1; to < cores; ++to) it.send(0, to);
    const Cost cost = it.cost_of([&] { it.revoke(kFirstFrame); });
    cr_expect(cost == (Cost{2 * (cores - 1), cores == 1 ? 0u : 2u}), "%zu messages, %lu hops",
              cost.messages, cost.hops);
  }
}

Test(frames, revoke_concerns_only_holders) {
  TwoFrames it(64);
  it.send(0, 5);
  it.send(0, 9);
  cr_expect(it.cost_of([&] { it.revoke(kFirstFrame); }) == (Cost{4, 2}));
}

Test(frames, one_revoke_deletes_copies_of_many_frames) {
  TwoFrames it(8);
  for (CoreNumber to = 1; to < 8; ++to)
    for (const std::size_t which : {0, 1}) it.send(0, to, which);
  cr_expect(it.cost_of([&] { it.revoke(range_of(PieceNumber{0})); }) == (Cost{14, 2}));
}

Test(frames, sweep_ends_although_a_process_copies) {
  TwoFrames it(2);
  it.send(0, 1);
  Incarnation& holder = it.system.core(1);
  int turns = 0;
  it.system.network().start(holder.core, keep_copying(it.system, holder, it.base(0), turns));
  it.revoke(kFirstFrame);
  cr_expect(turns < 100, "%d turns", turns);
}

// Core 3 has been started again since the asker asked: a ticket of the same number means another process there.
Test(frames, copy_for_an_earlier_incarnation_is_not_sent) {
  TwoFrames it(4);
  it.send(0, 1);
  const ViewNumber before = it.system.core(1).member.last_prepared();
  it.system.coordinator().declare_dead(3);
  cr_assert(it.system.run() == nullptr);
  it.system.start(3);
  cr_assert(it.system.run() == nullptr);
  FrameOwner& owner = it.system.core(0).owner;
  owner.handle(1, agreement::Copy{before, 1, 3, 1, it.base(0)});
  cr_expect(!owner.may_be_held(it.base(0), 3));
  owner.handle(1, agreement::Copy{it.system.core(1).member.last_prepared(), 1, 3, 1, it.base(0)});
  cr_expect(owner.may_be_held(it.base(0), 3));
}

Test(frames, receiver_does_not_wait_for_an_earlier_incarnation) {
  TwoFrames it(3);
  const ViewNumber before = it.system.core(1).member.last_prepared();
  it.system.coordinator().declare_dead(2);
  cr_assert(it.system.run() == nullptr);
  it.system.start(2);
  cr_assert(it.system.run() == nullptr);
  Incarnation& receiver = it.system.core(0);
  const TicketNumber ticket = receiver.tickets.expect(1).value();
  Task<Frame> task = receiver.tickets.receive(ticket, 2, before);
  it.system.network().wake(receiver.core, *task.starter());
  cr_assert(it.system.run() == nullptr);
  cr_assert(task.done());
  cr_expect(!task.result().ok() && task.result().error() == Error::peer_gone);
}
