// stealing_test.cc — memory servers of several cores that lend each other RAM: no piece is lost or in two places, and every request ends,
// whatever happens to cores. SCHEDULES=N tries N; SPRAT_SEED=N repeats one that failed.

#include "tests/agreement/memory_traffic.hh"
#include "tests/memory/simulated_server.hh"
#include "tests/schedules.hh"

using namespace sprat;
using namespace sprat::test;

namespace {

// The events of all schedules, by their ends.
struct Events {
  std::size_t allocated = 0, stolen = 0, out_of_memory = 0;
};

// Each piece that no message carries is free or used at the server of the core in whose window it is, and nowhere else.
void look(SimulatedSystem& system) {
  system.for_each_live([&](Incarnation& core) {
    const SimulatedServer& server = server_of(core);
    system.expect(server.is_complete(), "bytes are neither free nor used");
    for (PieceNumber piece = 0; piece < system.places.size(); ++piece)
      system.expect(server.has(piece) == core.memory.has(piece),
                    "a server has a piece that its core has not, or the other way round");
  });
}

// A process allocates one block, which may need a piece of another core.
Task<> allocate(SimulatedSystem& system, std::size_t incarnation, unsigned bits, Events& events) {
  Incarnation& core = system.incarnation(incarnation);
  SimulatedServer& server = server_of(core);
  for (bool is_first = true;; is_first = false) {
    if (server.allocate(bits)) {
      ++(is_first ? events.allocated : events.stolen);
      co_return {};
    }
    const std::size_t before = server.requests_ended();
    server.want();
    while (server.requests_ended() == before) co_await system.network().turn(core.core);
    if (server.last_result()) continue;
    ++events.out_of_memory;
    co_return {};
  }
}

Task<> use_servers(SimulatedSystem& system, Events& events) {
  network::Random& random = system.random();
  for (std::size_t turns = 0; turns < 300; ++turns) {
    co_await system.network().turn(0);
    look(system);
    const auto number = static_cast<CoreNumber>(random.below(system.size()));
    if (!system.exists(number)) continue;
    Incarnation& core = system.core(number);
    if (core.has_stopped || core.member.view() == 0) continue;
    if (random.below(2) == 0) {
      const auto bits = memory::kPieceBits - static_cast<unsigned>(random.below(3));
      system.network().start(core.core, allocate(system, core.core, bits, events));
    } else if (Block* const block = server_of(core).any_block()) {
      server_of(core).release(*block);
    }
  }
  co_return {};
}

// At rest, all blocks come back. Each piece is at the server of a live core.
const char* judge_servers(SimulatedSystem& system) {
  system.for_each_live([&](Incarnation& core) {
    SimulatedServer& server = server_of(core);
    system.expect(!server.is_asking(), "a server waits for ever");
    while (Block* const block = server.any_block()) server.release(*block);
  });
  if (const char* const wrong = system.run()) return wrong;
  look(system);
  return judge_memory(system);
}

// Core `core` allocates a block; returns the number of messages.
std::size_t cost_of_allocation(SimulatedSystem& system, CoreNumber core, unsigned bits,
                               Events& events) {
  const std::size_t before = cost_so_far(system).messages;
  Incarnation& self = system.core(core);
  self.memory.never_fails = true;
  system.network().start(self.core, allocate(system, self.core, bits, events));
  cr_assert(system.run() == nullptr);
  look(system);
  return cost_so_far(system).messages - before;
}

std::size_t cost_of_release(SimulatedSystem& system, CoreNumber core) {
  const std::size_t before = cost_so_far(system).messages;
  SimulatedServer& server = server_of(system.core(core));
  server.release(*server.any_block());
  cr_assert(system.run() == nullptr);
  return cost_so_far(system).messages - before;
}

constexpr unsigned kWhole = memory::kPieceBits;

// The first cores of a system with `pieces` pieces: core n has piece n, and core 0 the ones that are left.
struct Fixture {
  Fixture(std::size_t cores, std::size_t pieces, Stealing::Limits limits = {})
      : system(1, cores, SimulatedSystem::kStar, with_servers(pieces, limits)) {
    system.begin_with(cores);
  }
  std::size_t allocate(CoreNumber core, unsigned bits = kWhole) {
    return cost_of_allocation(system, core, bits, events);
  }
  std::size_t release(CoreNumber core) { return cost_of_release(system, core); }
  std::uint32_t free(CoreNumber core) { return server_of(system.core(core)).free(); }

  SimulatedSystem system;
  Events events;
};

}  // namespace

Test(stealing, no_piece_is_lost_whatever_happens_to_cores) {
  Events events;
  try_schedules(kSchedules / 5, [&](std::uint64_t seed) -> const char* {
    const std::size_t cores = 2 + seed % 4;
    const Stealing::Limits limits{.reserve = static_cast<std::uint32_t>(seed / 4 % 2)};
    SimulatedSystem system(seed, cores, SimulatedSystem::kStar,
                           with_servers(cores + 1 + seed % 5, limits));
    system.begin_with(cores);
    system.network().start(0, use_servers(system, events));
    system.network().start(0, happen(system, any_slow_fate(system.random())));
    if (const char* const wrong = system.run()) return wrong;
    if (const char* const wrong = judge(system)) return wrong;
    return judge_servers(system);
  });
  if (is_one_schedule()) return;
  cr_expect(events.allocated > 0 && events.stolen > 0 && events.out_of_memory > 0);
}

Test(stealing, local_allocation_sends_no_message) {
  Fixture fixture(4, 12);
  for (unsigned i = 0; i < 8; ++i) cr_expect(fixture.allocate(0, kWhole - i % 3) == 0);
  for (unsigned i = 0; i < 8; ++i) cr_expect(fixture.release(0) == 0);
}

Test(stealing, piece_costs_two_messages_from_its_home_and_three_from_a_borrower) {
  Fixture fixture(3, 4, {.reserve = 0});  // core 0 has pieces 0 and 3
  fixture.allocate(0);
  fixture.allocate(0);
  fixture.allocate(1);
  cr_expect(fixture.allocate(1) == 2);  // of core 2, its home
  fixture.release(1);
  fixture.release(1);  // core 1 has its own piece and a borrowed one
  cr_expect(fixture.free(1) == 2);
  fixture.allocate(1);
  const std::size_t stolen = fixture.events.stolen;
  cr_expect(fixture.allocate(0) == 3);  // which is not the home, so the piece goes by core 2
  cr_expect(fixture.events.stolen == stolen + 1);
}

Test(stealing, request_that_no_peer_can_fulfil_asks_each_once) {
  for (std::size_t cores = 2; cores <= 8; ++cores) {
    Fixture fixture(cores, cores, {.reserve = 0});
    for (CoreNumber core = 0; core < cores; ++core) cr_expect(fixture.allocate(core) == 0);
    cr_expect(fixture.allocate(1) == 2 * (cores - 1));
    cr_expect(fixture.events.out_of_memory == 1);
  }
}

Test(stealing, last_of_all_peers_costs_two_messages_for_each_and_one_more_at_most) {
  constexpr std::size_t kCores = 5;
  for (CoreNumber rich = 1; rich < kCores; ++rich) {
    Fixture fixture(kCores, kCores, {.reserve = 0});
    for (CoreNumber core = 0; core < kCores; ++core)
      if (core != rich) fixture.allocate(core);
    cr_expect(fixture.allocate(0) <= 2 * (kCores - 1) + 1);
    cr_expect(fixture.events.out_of_memory == 0);
  }
}

Test(stealing, server_gives_half_of_what_is_above_its_reserve) {
  Fixture fixture(2, 9);  // core 0 has 8, of which it keeps one
  fixture.allocate(1);
  cr_expect(fixture.allocate(1) == 5);  // one question, and four pieces
  cr_expect(fixture.free(0) == 4 && fixture.free(1) == 3);
}

Test(stealing, server_keeps_its_reserve) {
  Fixture fixture(2, 3, {.reserve = 2});  // core 0 has 2
  fixture.allocate(1);
  fixture.allocate(1);
  cr_expect(fixture.events.out_of_memory == 1 && fixture.free(0) == 2);
}

Test(stealing, two_empty_servers_that_ask_each_other_both_get_an_answer) {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    SimulatedSystem system(seed, 2, SimulatedSystem::kStar, with_servers(2, {.reserve = 0}));
    system.begin_with(2);
    for (CoreNumber core = 0; core < 2; ++core) system.core(core).memory.never_fails = true;
    Events events;
    for (int times = 0; times < 2; ++times)
      for (CoreNumber core = 0; core < 2; ++core)
        system.network().start(system.core(core).core,
                               allocate(system, system.core(core).core, kWhole, events));
    cr_assert(system.run() == nullptr);
    cr_assert(events.allocated + events.stolen == 2 && events.out_of_memory == 2);
  }
}

Test(stealing, asks_the_richest_first) {
  Fixture fixture(4, 10, {.reserve = 0});  // core 0 has 7
  for (int times = 0; times < 2; ++times)
    fixture.allocate(3);  // which knows now that core 0 is there
  while (fixture.free(3) != 0) fixture.allocate(3);
  const std::size_t steals = fixture.system.posted[steal.number];
  fixture.allocate(3);
  cr_expect(fixture.system.posted[steal.number] == steals + 1);
}

Test(stealing, need_that_rises_and_falls_by_a_piece_sends_nothing) {
  Fixture fixture(3, 12, {.reserve = 0});
  for (unsigned i = 0; i < 6; ++i) fixture.allocate(1);
  fixture.release(1);
  fixture.allocate(1);
  std::size_t messages = 0;
  for (unsigned i = 0; i < 100; ++i) messages += fixture.release(1) + fixture.allocate(1);
  cr_expect(messages == 0);
}

Test(stealing, whole_loans_go_home_when_much_is_free) {
  Fixture fixture(3, 12, {.reserve = 0, .low = 1, .high = 3});
  for (unsigned i = 0; i < 6; ++i) fixture.allocate(2);
  for (unsigned i = 0; i < 6; ++i) cr_expect(fixture.release(2) == 0);  // all have come from core 0
  for (unsigned i = 0; i < 4; ++i) fixture.allocate(1);
  cr_expect(fixture.events.out_of_memory == 0);
  cr_expect(fixture.free(1) == 1);  // of its own piece and four loans
  std::size_t messages = 0;
  for (unsigned i = 0; i < 4; ++i) messages += fixture.release(1);
  cr_expect(messages == 3 && fixture.system.posted[give_back.number] == 3);
  cr_expect(fixture.free(1) == 2);
}

// Each core in its turn needs all memory but so much as every server may keep: its reserve, and a piece that is in use in part.
Test(stealing, need_that_moves_from_core_to_core_finds_all_memory_but_the_reserves) {
  constexpr std::size_t kCores = 4, kNeeded = 6;
  constexpr Stealing::Limits kLimits{.reserve = 1};
  Fixture fixture(kCores, kNeeded + kCores * (kLimits.reserve + 1), kLimits);
  for (unsigned round = 0; round < 20; ++round) {
    const auto core = static_cast<CoreNumber>(round % kCores);
    for (CoreNumber other = 0; other < kCores; ++other) fixture.allocate(other, kLeastBits);
    for (std::size_t i = 0; i < kNeeded; ++i) fixture.allocate(core);
    cr_assert(fixture.events.out_of_memory == 0, "round %u", round);
    for (CoreNumber other = 0; other < kCores; ++other)
      while (server_of(fixture.system.core(other)).any_block() != nullptr) fixture.release(other);
  }
}
