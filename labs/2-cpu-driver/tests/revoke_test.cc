// revoke_test.cc — exercise 3: a capability's descendants go with it, and nothing else, a few at a time.

#include <algorithm>

#include "world.hh"

using namespace sprat::grading;
using lab::Capability;
using lab::Rights;
using lab::Type;
using lab::World;

namespace {

constexpr std::size_t kMostInOneStep = 16;

// Makes a family by hand: Ram with descendants in it, their copies, and other capabilities stored in its CNodes.
class Family {
 public:
  Family(World& world, std::uint64_t bytes) : world_(world) {
    grow(world.new_memory(bytes, bytes), bytes, 3, world.new_slots());
  }

  // Adds a copy of something in the family, perhaps in one of its own CNodes.
  void add_copy() {
    std::vector<std::uint64_t> sources;
    for (const auto& [slot, capability] : world_.model().all()) {
      if (lab::may_be_copied(capability.type)) sources.push_back(slot);
    }
    if (!sources.empty())
      world_.put_copy(sources[world_.trial().below(sources.size())], sprat::kAllRights,
                      some_slot());
  }

  std::uint64_t some_original() {
    std::vector<std::uint64_t> slots;
    for (const auto& [slot, capability] : world_.model().all()) {
      if (capability.is_original) slots.push_back(slot);
    }
    return slots[world_.trial().below(slots.size())];
  }

  std::vector<std::uint64_t> cnode_capabilities() const {
    std::vector<std::uint64_t> slots;
    for (const auto& [slot, capability] : world_.model().all()) {
      if (capability.type == Type::cnode) slots.push_back(slot);
    }
    return slots;
  }

  // Half of the capabilities are stored in CNodes of the family, as long as there is room.
  std::uint64_t some_slot() {
    Trial& trial = world_.trial();
    if (!cnodes_.empty() && trial.below(2) == 0) {
      const std::uint64_t cnode = cnodes_[trial.below(std::min<std::size_t>(cnodes_.size(), 2))];
      const std::uint64_t slot = cnode + (1 + trial.below(255)) * lab::kSlotBytes;
      if (world_.model().find(slot) == nullptr) return slot;
    }
    return world_.new_slots();
  }

 private:
  // Ram at [begin, begin + bytes) in `slot`, and below it all that fits, ancestors first.
  void grow(std::uint64_t begin, std::uint64_t bytes, unsigned depth, std::uint64_t slot) {
    world_.put({.slot = slot, .type = Type::ram, .base = begin, .bytes = bytes});
    for (std::uint64_t at = begin; at < begin + bytes; at += lab::kCNodeBytes) {
      const std::uint64_t room = begin + bytes - at;
      const std::uint64_t place = some_slot();
      switch (world_.trial().below(6)) {
        case 0:
          if (depth > 0 && room >= 4 * lab::kCNodeBytes) {
            grow(at, 4 * lab::kCNodeBytes, depth - 1, place);
            at += 3 * lab::kCNodeBytes;
          }
          break;
        case 1:
          world_.put({.slot = place, .type = Type::cnode, .base = at, .bytes = lab::kCNodeBytes});
          cnodes_.push_back(at);
          break;
        case 2: put_dispatcher(at, place); break;
        default:
          world_.put({.slot = place, .type = Type::frame, .base = at, .bytes = lab::kPageBytes});
      }
    }
  }

  void put_dispatcher(std::uint64_t at, std::uint64_t slot) {
    world_.put({.slot = slot, .type = Type::dispatcher, .base = at, .bytes = 2048});
    for (std::uint64_t i = 1 + world_.trial().below(4); i > 0; --i) {
      world_.put({.slot = some_slot(), .type = Type::endpoint, .base = at + i, .bytes = 1});
    }
  }

  World& world_;
  std::vector<std::uint64_t> cnodes_;
};

// Asks once, and fails the test if more than a step's capabilities went.
std::string step(World& world, const std::string& question) {
  const std::size_t before = world.order().size();
  const std::string came = world.ask(question);
  const std::size_t after = world.order().size();
  if (after > before || before - after > kMostInOneStep) {
    world.wrong(
        "16 capabilities go in one step at most",
        std::to_string(before) + " before, " + std::to_string(after) + " after: " + question);
  }
  return came;
}

void put_into(World& world, std::uint64_t cnode, std::uint64_t number, std::uint64_t copied) {
  world.put_copy(copied, sprat::kAllRights,
                 world.model().find(cnode)->base + number * lab::kSlotBytes);
}

bool has_event(const std::string& events, const std::string& event) {
  return (" " + events + " ").find(" " + event + " ") != std::string::npos;
}

}  // namespace

LAB_TEST(revoke, all_copies_and_descendants_go_and_nothing_else, "host") {
  for (unsigned round = 0; round < 20; ++round) {
    World world(trial, 8);
    Family one(world, 512 << 10);
    Family other(world, 256 << 10);
    for (unsigned i = 0; i < 12; ++i) one.add_copy();
    for (unsigned i = 0; i < 4; ++i) {
      world.revoke(one.some_original());
      world.settle();
      world.check();
    }
    // All that is stored in a CNode goes with its last capability, wherever it was made.
    for (const std::uint64_t slot : one.cnode_capabilities()) {
      if (world.model().find(slot) != nullptr) world.remove(slot);
      world.settle();
    }
    world.check();
  }
}

LAB_TEST(revoke, each_step_is_bounded, "host") {
  for (unsigned round = 0; round < 2; ++round) {
    World world(trial, 8);
    const std::uint64_t begin = world.new_memory(1 << 20, 1 << 20);
    const std::uint64_t ram = world.put({.type = Type::ram, .base = begin, .bytes = 1 << 20});
    const std::uint64_t cnode = world.put({.type = Type::cnode, .base = begin, .bytes = 16 << 10});
    std::uint64_t frame = 0;
    for (std::uint64_t i = 0; i < 40; ++i) {
      frame =
          world.put({.type = Type::frame, .base = begin + (16 << 10) + i * 4096, .bytes = 4096});
      put_into(world, cnode, 1 + i * 3, frame);
    }
    for (unsigned i = 0; i < 100; ++i) world.put_copy(frame);
    for (const std::uint64_t slot : {frame, ram}) {
      world.model().revoke(slot);
      std::string came;
      for (unsigned steps = 0; (came = step(world, "revoke " + bare(slot))) == "error again";
           ++steps) {
        if (steps > 500) world.wrong("an end", "again and again");
      }
      if (came != "ok") world.wrong("ok", came, "revoke");
      world.check();
    }
  }
}

LAB_TEST(revoke, refusals_change_nothing, "host") {
  World world(trial, 8);
  const std::uint64_t frame = world.put_new(Type::frame);
  const std::uint64_t copy = world.put_copy(frame);
  world.revoke(copy);
  world.revoke(world.new_slots());
  world.remove(world.new_slots());
  world.check();
  const std::uint64_t begin = world.new_memory(64 << 10, 64 << 10);
  const std::uint64_t ram = world.put({.type = Type::ram, .base = begin, .bytes = 64 << 10});
  const std::uint64_t remote =
      world.put({.type = Type::frame, .base = begin, .bytes = 4096, .is_remote = true});
  world.revoke(ram);
  world.revoke(remote);
  world.remove(remote);
  world.check();
  world.put_copy(remote);
  world.remove(remote);
  world.check();
}

LAB_TEST(remove, an_object_lives_as_long_as_its_last_capability, "host") {
  for (unsigned round = 0; round < 20; ++round) {
    World world(trial, 4);
    std::vector<std::uint64_t> capabilities = {world.put_new(Type::cnode)};
    const std::uint64_t neighbour = world.put_new(Type::cnode);
    const std::uint64_t inside = world.put_new(Type::frame);
    put_into(world, capabilities[0], 1 + trial.below(254), inside);
    put_into(world, capabilities[0], 0xff, world.put_new(Type::frame));
    put_into(world, neighbour, 7, inside);
    for (unsigned i = 0; i < 5; ++i) {
      capabilities.push_back(world.put_copy(capabilities[trial.below(capabilities.size())]));
    }
    std::ranges::shuffle(capabilities, trial.random());
    for (const std::uint64_t slot : capabilities) {
      world.remove(slot);
      world.settle();
      world.check();
    }
  }
}

LAB_TEST(remove, a_dying_object_keeps_its_memory_until_it_is_empty, "host") {
  for (unsigned round = 0; round < 8; ++round) {
    World world(trial, 4);
    const std::uint64_t frame = world.put_new(Type::frame);
    const std::uint64_t cnode = world.put_new(Type::cnode);
    const std::uint64_t object = world.model().find(cnode)->base;
    for (std::uint64_t i = 1; i <= 40; ++i) put_into(world, cnode, i * 6, frame);
    world.remove(cnode);
    bool is_empty = false;
    std::string came = "more";
    for (unsigned steps = 0; came == "more"; ++steps) {
      const std::vector<Capability> now = world.order();
      const bool is_taken = std::ranges::any_of(now, [&](const Capability& capability) {
        return capability.base == object && capability.is_dying;
      });
      is_empty = now.size() == (is_taken ? 2u : 1u);
      if (!is_taken && !is_empty)
        world.wrong("a CNode's memory is taken until all its slots are empty",
                    std::to_string(now.size() - 1) + " capabilities are left in it");
      came = step(world, "apart");
      if (steps > 500) world.wrong("an end", "there is always more");
    }
    world.check();
  }
}

LAB_TEST(remove, cnodes_that_hold_each_other_are_deleted, "host") {
  for (unsigned round = 0; round < 10; ++round) {
    World world(trial, 8);
    const std::uint64_t begin = world.new_memory(256 << 10, 256 << 10);
    const std::uint64_t ram = world.put({.type = Type::ram, .base = begin, .bytes = 256 << 10});
    std::vector<std::uint64_t> cnodes;
    for (std::uint64_t i = 0; i < 12; ++i) {
      const std::uint64_t object = begin + i * lab::kCNodeBytes;
      cnodes.push_back(world.put({.type = Type::cnode, .base = object, .bytes = lab::kCNodeBytes}));
    }
    for (unsigned i = 0; i < 20; ++i) {
      const std::uint64_t slot = world.model().find(cnodes[trial.below(12)])->base +
                                 (1 + trial.below(255)) * lab::kSlotBytes;
      if (world.model().find(slot) == nullptr)
        world.put_copy(cnodes[trial.below(12)], sprat::kAllRights, slot);
    }
    // CNodes that hold each other live on when no other slot names them; revoke finds them.
    std::ranges::shuffle(cnodes, trial.random());
    for (const std::uint64_t slot : cnodes) {
      world.remove(slot);
      world.settle();
      world.check();
    }
    world.revoke(ram);
    world.settle();
    world.check();
  }
}

LAB_TEST(remove, parts_and_endpoints_of_a_dispatcher_go_with_it, "host") {
  for (unsigned round = 0; round < 8; ++round) {
    World world(trial, 4);
    const std::uint64_t cnode = world.put_new(Type::cnode);
    const std::uint64_t frame = world.put_new(Type::frame);
    const std::uint64_t dispatcher = world.put_new(Type::dispatcher);
    const std::uint64_t object = world.model().find(dispatcher)->base;
    std::uint64_t endpoint = 0;
    for (std::uint64_t i = 0; i < 40; ++i) {
      endpoint = world.put({.type = i % 2 == 0 ? Type::endpoint : Type::notification,
                            .base = object + i,
                            .bytes = 1});
    }
    for (unsigned i = 0; i < 5; ++i) world.put_copy(endpoint);
    const std::uint64_t other = world.put_copy(dispatcher);
    for (const std::uint64_t part : {cnode, frame}) {
      world.put_copy(part, sprat::kAllRights, object + (part == cnode ? 1 : 3) * lab::kSlotBytes);
    }
    world.ask("events");
    world.remove(trial.below(2) == 0 ? dispatcher : other);
    world.check();
    trial.expect_equal("hooks called while a copy of the dispatcher is left", "none",
                       world.ask("events"));
    world.remove(world.model().find(dispatcher) != nullptr ? dispatcher : other);
    std::string events = world.ask("events");
    if (!has_event(events, "died " + bare(object)))
      world.wrong("dispatcher_died is called at once", events);
    for (unsigned steps = 0; step(world, "apart") == "more"; ++steps) {
      if (steps > 500) world.wrong("an end", "there is always more");
    }
    world.check();
  }
}

LAB_TEST(revoke, mapped_frames_are_unmapped, "host") {
  for (unsigned round = 0; round < 10; ++round) {
    World world(trial, 8);
    const std::uint64_t begin = world.new_memory(1 << 20, 1 << 20);
    const std::uint64_t ram = world.put({.type = Type::ram, .base = begin, .bytes = 1 << 20});
    std::vector<std::uint64_t> frames;
    for (std::uint64_t i = 0; i < 10; ++i) {
      frames.push_back(
          world.put({.type = Type::frame, .base = begin + (i << 14), .bytes = 16 << 10}));
    }
    const std::uint64_t table = world.put_new(Type::page_table_1);
    for (const std::uint64_t frame : frames) {
      world.map(table, trial.below(508), frame, sprat::kRead);
      world.map(table, trial.below(508), world.put_copy(frame), sprat::kRead);
    }
    world.remove(frames[trial.below(10)]);
    world.check();
    world.revoke(ram);
    world.check();
    const std::string left = world.ask("table " + bare(world.model().find(table)->base));
    if (left != "none") world.wrong("a page table without entries", left);
  }
}
