// schedules.cc — exercise 8: tests of your own, which find out whether a protocol is right. schedules.hh has their words.
//
// A test ends at the first expect() that does not hold: then it says that the protocol is wrong. It must accept every right protocol,
// also one that differs from yours where the contract of the exercise lets it.

#include "schedules.hh"

#include <algorithm>
#include <map>

namespace subject {

// An example: of several cores that register one name at the same time, one wins, and all cores know which one.
SCHEDULE(one_of_two_initiators_wins) {
  World world(4);
  const std::size_t first = world.add(1, 0), second = world.add(2, 0);
  while (world.step()) {
  }
  expect((world.result(first) == "ok") != (world.result(second) == "ok"));
  const CoreNumber winner = world.result(first) == "ok" ? 1 : 2;
  for (CoreNumber core = 0; core < world.size(); ++core) expect(world.owner(core, 0) == winner);
}

//@ lab monitor.8a:
namespace {

// The properties that hold at each moment, and at rest.
class Rules {
 public:
  explicit Rules(World& world) : world_(world) { follow(); }

  void follow() {
    for (const Event& event : world_.news()) look_at(event);
    for (CoreNumber number = 0; number < world_.size(); ++number) {
      const Core& core = world_.core(number);
      if (core.view == 0) continue;
      expect(views_.try_emplace(core.view, core.members).first->second == core.members);
      const auto before = views_.find(core.view - 1);
      if (before == views_.end()) continue;
      const std::size_t most = std::max(before->second.size(), core.members.size());
      expect(before->second.size() + core.members.size() == 2 * most - 1);
    }
  }

  void check_rest() {
    while (world_.step()) follow();
    const Core& first = world_.core(0);
    for (CoreNumber number = 0; number < world_.size(); ++number) {
      const Core& core = world_.core(number);
      if (!core.exists) continue;
      expect(first.members.has(number) != core.is_silent);
      if (core.is_silent) continue;
      expect(core.view == first.view && core.prepared == first.view);
      expect(core.linked == first.members && core.incarnation != 0);
    }
  }

 private:
  void look_at(const Event& event) {
    using enum Event::Kind;
    const bool is_of_core_0 = event.core == kCoordinator;
    if (event.is(fenced)) {
      expect(is_of_core_0);
      fenced_.add(event.other);
    }
    if (event.is(closed)) expect(fenced_.has(event.other));
    if (event.is(opened) && is_of_core_0) {
      expect(!linked_.has(event.other));
      linked_.add(event.other);
      fenced_.remove(event.other);
    }
    if (event.is(closed) && is_of_core_0) linked_.remove(event.other);
    if (const auto change = event.message<prepare>()) {
      if (event.is(received)) {
        observed_.remove(event.core);
        const auto kind = change->change == Change::death ? closed : opened;
        awaited_[event.core] = {kind, change->core};
      }
      if (event.is(posted)) expect(!observed_.has(kCoordinator));
      if (change->change == Change::death) expect(fenced_.has(change->core));
    }
    if (event.is(observed)) observed_.add(event.core);
    if (event.is(committed) && is_of_core_0) observed_.remove(kCoordinator);
    const auto awaited = awaited_.find(event.core);
    if (awaited != awaited_.end() && awaited->second == std::pair(event.kind, event.other))
      awaited_.erase(awaited);
    if (event.posts<prepared>())
      expect(observed_.has(event.core) && !awaited_.contains(event.core));
    if (event.posts<commit>()) look_at_commit(*event.message<commit>());
  }

  // All live members have prepared the view, and have no link with a core that left.
  void look_at_commit(const Commit& change) {
    world_.core(0).members.for_each([&](CoreNumber number) {
      const Core& core = world_.core(number);
      if (core.is_silent || number == change.core) return;
      expect(core.prepared >= change.number);
      expect(change.change == Change::join || !core.linked.has(change.core));
    });
  }

  World& world_;
  CoreSet fenced_, observed_;
  CoreSet linked_;                                                    // by core 0
  std::map<CoreNumber, std::pair<Event::Kind, CoreNumber>> awaited_;  // before `prepared`
  std::map<ViewNumber, CoreSet> views_;
};

// Lines arrive, and now and then something else happens: also a death if `with_deaths`.
void let_happen(World& world, Rules& rules, unsigned turns, bool with_deaths) {
  for (unsigned turn = 0; turn < turns; ++turn) {
    const auto core = static_cast<CoreNumber>(1 + world.below(world.size() - 1));
    const auto name = static_cast<unsigned>(world.below(2));
    const auto kind = world.below(with_deaths ? 14 : 8);
    if (kind < 2)
      world.start(core);
    else if (kind == 2)
      world.add(core, name);
    else if (kind == 3)
      world.remove(core, name);
    else if (kind == 8)
      world.suspect(core, static_cast<CoreNumber>(world.below(world.size())));
    else if (kind == 9)
      world.declare_dead(core);
    else
      world.step();
    rules.follow();
  }
}

}  // namespace

SCHEDULE(cores_join_one_after_the_other) {
  World world(5, 2);
  Rules rules(world);
  let_happen(world, rules, 40, false);
  for (CoreNumber core = 1; core < 5; ++core) world.start(core);
  rules.check_rest();
  expect(world.core(0).view == 5);
}

SCHEDULE(live_cores_agree_whatever_happens) {
  World world(5, 4);
  Rules rules(world);
  let_happen(world, rules, 60, true);
  rules.check_rest();
  for (unsigned name = 0; name < 2; ++name) {
    const auto owner = world.owner(0, name);
    expect(!owner || !world.core(*owner).is_silent);
    for (CoreNumber core = 1; core < 5; ++core)
      if (world.core(core).exists && !world.core(core).is_silent)
        expect(world.owner(core, name) == owner);
  }
}

SCHEDULE(suspicions_stop_cores_again_and_again) {
  World world(4);
  Rules rules(world);
  for (int life = 0; life < 3; ++life) {
    world.suspect(1, 2);
    rules.follow();
    world.suspect(1, 2);
    expect(world.news().empty());
    world.suspect(2, 1);
    rules.check_rest();
    expect(world.core(1).is_fenced != world.core(2).is_fenced);
    for (const CoreNumber core : {1u, 2u}) {
      world.start(core);
      rules.follow();
    }
    rules.check_rest();
  }
}

SCHEDULE(caller_is_told_when_all_cores_know) {
  World world(5, 4);
  const auto first = world.add(1, 0), third = world.add(2, 1);
  world.add(3, 0);
  const auto late = 2 + world.below(30);
  for (unsigned turn = 0; world.step() || turn <= late; ++turn) {
    if (turn == late / 2) world.start(4);
    if (turn == late) world.declare_dead(3);
    for (CoreNumber core = 0; core < 3; ++core) {
      if (world.result(first) == "ok") expect(world.owner(core, 0) == 1);
      if (world.result(third) == "ok") expect(world.owner(core, 1) == 2);
    }
  }
  expect(!world.result(first).empty() && world.result(third) == "ok");
  expect(world.owner(4, 1) == 2);
  const auto again = world.add(2, 0);
  world.run();
  expect((world.result(again) == "ok") == (world.result(first) != "ok"));
  const auto removal = world.remove(2, 1);
  world.run();
  expect(world.result(removal) == "ok");
  for (const CoreNumber core : {0u, 1u, 2u, 4u}) expect(!world.owner(core, 1));
}
//@ end

}  // namespace subject
