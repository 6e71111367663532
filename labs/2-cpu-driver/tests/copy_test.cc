// copy_test.cc — exercise 1: copies carry no more than their source.

#include "world.hh"

using namespace sprat::grading;
using lab::Capability;
using lab::Rights;
using lab::Type;
using lab::World;

namespace {

constexpr Type kCopiedTypes[] = {Type::frame,        Type::device_frame, Type::cnode,
                                 Type::page_table_4, Type::dispatcher,   Type::kernel};

// The slot of any capability there is.
std::uint64_t any_capability(World& world) {
  auto place = world.model().all().begin();
  std::advance(place, static_cast<std::ptrdiff_t>(world.trial().below(world.model().all().size())));
  return place->first;
}

std::uint64_t put_badged(World& world, Type type, std::uint64_t badge) {
  const std::uint64_t dispatcher = world.new_memory(lab::kPageBytes, lab::kPageBytes);
  return world.put({.type = type, .base = dispatcher, .bytes = 1, .badge = badge});
}

std::uint64_t put_range(World& world, Type type, std::uint64_t first, std::uint64_t count) {
  return world.put({.type = type, .base = first, .bytes = count});
}

}  // namespace

LAB_TEST(copy, copies_carry_no_more_than_their_source, "host") {
  for (unsigned round = 0; round < 8; ++round) {
    World world(trial, 4);
    for (const Type type : kCopiedTypes) {
      const std::uint64_t slot = world.put_new(type);
      world.put_copy(slot, Rights(trial.below(16)));
    }
    for (unsigned i = 0; i < 60; ++i) {
      const std::uint64_t source = any_capability(world);
      if (trial.below(2) == 0) {
        world.copy(source, world.new_slots());
      } else {
        world.mint(source, world.new_slots(), Rights(8 * trial.below(2) + trial.below(16)));
      }
    }
    world.check();
  }
}

LAB_TEST(copy, badges_are_given_once_and_ranges_only_shrink, "host") {
  for (unsigned round = 0; round < 20; ++round) {
    World world(trial, 2);
    put_badged(world, Type::endpoint, 0);
    put_badged(world, Type::notification, 0);
    put_badged(world, Type::notification, 1 + trial.below(1 << 20));
    put_range(world, Type::io_ports, 0, 1 << 16);
    put_range(world, Type::irq, 0, 256);
    world.put_new(Type::frame);
    for (unsigned i = 0; i < 60; ++i) {
      const std::uint64_t source = any_capability(world);
      const Capability& capability = *world.model().find(source);
      const std::uint64_t size = capability.bytes;
      const bool is_range = capability.type == Type::irq || capability.type == Type::io_ports;
      std::uint64_t first = trial.below(3) == 0 ? 0 : trial.below(4);
      std::uint64_t count = trial.below(8) == 0 ? 1 : 0;
      if (trial.below(5) == 0) first = capability.badge;
      if (is_range && trial.below(2) == 0) first = trial.below(size + 2);
      if (is_range)
        count = trial.below(4) == 0 ? ~std::uint64_t{0} - trial.below(4) : trial.below(size + 2);
      world.mint(source, world.new_slots(), sprat::kAllRights, first, count);
    }
    world.check();
  }
}

LAB_TEST(copy, refusals_change_nothing, "host") {
  for (unsigned round = 0; round < 20; ++round) {
    World world(trial, 4);
    const std::uint64_t frame = world.put_new(Type::frame);
    const std::uint64_t no_grant = world.put_copy(frame, sprat::kRead | sprat::kWrite);
    const std::uint64_t remote = world.put({.type = Type::frame,
                                            .base = world.new_memory(4096, 4096),
                                            .bytes = 4096,
                                            .is_remote = true});
    world.copy(world.new_slots(), world.new_slots());
    world.copy(frame, no_grant);
    world.copy(frame, frame);
    world.copy(no_grant, world.new_slots());
    world.copy(remote, world.new_slots());
    for (const Type type : {Type::ram, Type::physical_memory, Type::page_table_1,
                            Type::page_table_2, Type::page_table_3}) {
      world.copy(world.put_new(type), world.new_slots());
    }
    world.mint(frame, world.new_slots(), sprat::kAllRights, 1 + trial.below(100), 0);
    world.mint(frame, world.new_slots(), sprat::kAllRights, 0, 1 + trial.below(100));
    world.check();
  }
}

// By this, and by nothing else, is the last copy known.
LAB_TEST(copy, copies_precede_their_original_in_the_order, "host") {
  for (unsigned round = 0; round < 8; ++round) {
    World world(trial, 4);
    std::vector<std::uint64_t> slots;
    for (unsigned i = 0; i < 4; ++i) slots.push_back(world.put_new(Type::frame));
    for (unsigned i = 0; i < 40; ++i) {
      slots.push_back(world.new_slots());
      world.copy(slots[trial.below(slots.size() - 1)], slots.back());
      world.check();
    }
  }
}
