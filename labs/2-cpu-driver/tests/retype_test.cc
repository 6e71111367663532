// retype_test.cc — exercise 2: objects from memory, never two from one byte, and never with old contents.

#include <algorithm>

#include "world.hh"

using namespace sprat::grading;
using lab::Capability;
using lab::Rights;
using lab::Type;
using lab::World;

namespace {

constexpr std::uint64_t kMostZeroedInOneStep = 16 << 10;
constexpr std::uint64_t kDirt = 0xa5;

constexpr Type kMadeFromRam[] = {Type::ram,          Type::frame,        Type::cnode,
                                 Type::page_table_1, Type::page_table_2, Type::page_table_3,
                                 Type::page_table_4, Type::dispatcher};

std::uint64_t put_ram(World& world, std::uint64_t bytes, std::uint64_t offset = 0) {
  const std::uint64_t begin = world.new_memory(bytes + offset, 1 << 20) + offset;
  return world.put({.type = Type::ram, .base = begin, .bytes = bytes});
}

std::uint64_t used_bytes(World& world, std::uint64_t begin, std::uint64_t bytes) {
  return lab::number_of_word(world.ask("used " + bare(begin) + " " + bare(bytes)));
}

void make_dirty(World& world, std::uint64_t begin, std::uint64_t bytes) {
  world.ask("fill " + bare(begin) + " " + bare(bytes) + " " + bare(kDirt));
}

unsigned some_bits(Trial& trial) { return 12 + static_cast<unsigned>(trial.below(5)); }

// All memory that is no longer Ram and not the kernel's to fill must be zero.
void expect_zeros(World& world, std::uint64_t slot) {
  const Capability made = *world.model().find(slot);
  if (made.type == Type::ram || made.type == Type::page_table_4) return;
  const std::uint64_t used = used_bytes(world, made.base, made.bytes);
  if (used != 0) {
    world.wrong("zeros in " + lab::text_of(made), std::to_string(used) + " bytes of old contents");
  }
}

}  // namespace

LAB_TEST(retype, objects_lie_one_behind_the_other, "host") {
  for (unsigned round = 0; round < 12; ++round) {
    World world(trial, 8);
    put_ram(world, 1 << 20, trial.below(4) * lab::kPageBytes);
    put_ram(world, 48 << 10, trial.below(4) * lab::kPageBytes);
    for (unsigned i = 0; i < 25; ++i) {
      std::vector<std::uint64_t> sources;
      for (const auto& [slot, capability] : world.model().all()) {
        if (capability.type == Type::ram) sources.push_back(slot);
      }
      const Type type = kMadeFromRam[trial.below(std::size(kMadeFromRam))];
      world.retype(sources[trial.below(sources.size())], type,
                   object_bits(type) == 0 ? some_bits(trial) : 0, 1 + trial.below(3));
    }
    world.check();
  }
}

LAB_TEST(retype, endpoints_are_made_from_their_dispatcher, "host") {
  World world(trial, 8);
  const std::uint64_t dispatcher = world.put_new(Type::dispatcher);
  for (unsigned i = 0; i < 8; ++i) {
    world.retype(dispatcher, trial.below(2) == 0 ? Type::endpoint : Type::notification, 0,
                 1 + trial.below(4));
  }
  world.check();
  for (unsigned i = 0; i < 65; ++i) world.retype(dispatcher, Type::endpoint, 0, 32);
  world.check();
}

LAB_TEST(retype, memory_of_deleted_objects_can_be_used_again, "host") {
  for (unsigned round = 0; round < 12; ++round) {
    World world(trial, 4);
    const std::uint64_t ram = put_ram(world, 128 << 10);
    for (unsigned i = 0; i < 60; ++i) {
      std::vector<std::uint64_t> made;
      for (const auto& [slot, capability] : world.model().all()) {
        if (slot != ram) made.push_back(slot);
      }
      if (!made.empty() && trial.below(5) < 2) {
        world.drop(made[trial.below(made.size())]);
      } else if (trial.below(12) == 0) {
        for (const std::uint64_t slot : made) world.drop(slot);
      } else {
        world.retype(ram, trial.below(3) == 0 ? Type::ram : Type::frame, some_bits(trial), 1);
      }
    }
    world.check();
  }
}

LAB_TEST(retype, refusals_change_nothing, "host") {
  for (unsigned round = 0; round < 8; ++round) {
    World world(trial, 8);
    const std::uint64_t ram = put_ram(world, 1 << 20);
    const std::uint64_t frame = world.put_new(Type::frame);
    const std::uint64_t dispatcher = world.put_new(Type::dispatcher);
    const std::uint64_t copy = world.put_copy(dispatcher);
    const std::uint64_t remote = world.put({.type = Type::ram,
                                            .base = world.new_memory(64 << 10, 64 << 10),
                                            .bytes = 64 << 10,
                                            .is_remote = true});
    world.retype(world.new_slots(), Type::frame, 12, 1);
    world.retype(frame, Type::frame, 12, 1);
    world.retype(frame, Type::ram, 12, 1);
    world.retype(ram, Type::endpoint, 0, 1);
    world.retype(ram, static_cast<Type>(16 + trial.below(200)), 12, 1);
    world.retype(ram, Type::null, 12, 1);
    world.retype(ram, Type::kernel, 12, 1);
    world.retype(copy, Type::endpoint, 0, 1);
    world.retype(remote, Type::frame, 12, 1);
    world.retype(ram, Type::frame, 11, 1);
    world.retype(ram, Type::frame, 0, 1);
    world.retype(ram, Type::frame, 53, 1);
    world.retype(ram, Type::frame, 64 + 12, 1);
    world.retype(ram, Type::cnode, 13, 1);
    world.retype(ram, Type::frame, 12, 0);
    world.retype(ram, Type::frame, 12, 33);
    world.retype(ram, Type::frame, 12, 2, world.new_slots(3), 3);
    world.retype(ram, Type::frame, 12, 3, world.new_slots(2), 2);
    world.retype(ram, Type::frame, 21, 1);
    world.retype(ram, Type::frame, 52, 32);
    world.retype(ram, Type::frame, 19, 3);
    const std::uint64_t slots = world.new_slots(4);
    world.put({.slot = slots + trial.below(4) * lab::kSlotBytes,
               .type = Type::frame,
               .base = world.new_memory(4096, 4096),
               .bytes = 4096});
    world.retype(ram, Type::frame, 12, 4, slots, 4);
    world.check();
    world.retype(ram, Type::frame, 12, 32);
    world.check();
  }
}

LAB_TEST(retype, memory_is_zero_when_it_becomes_an_object, "host") {
  for (unsigned round = 0; round < 16; ++round) {
    World world(trial, 4);
    const std::uint64_t ram = put_ram(world, 256 << 10);
    const std::uint64_t begin = world.model().find(ram)->base;
    make_dirty(world, begin, 256 << 10);
    for (unsigned i = 0; i < 30; ++i) {
      std::vector<std::uint64_t> made, sources = {ram};
      for (const auto& [slot, capability] : world.model().all()) {
        if (slot != ram) made.push_back(slot);
        if (capability.type == Type::ram) sources.push_back(slot);
      }
      if (trial.below(6) == 0) {
        for (const std::uint64_t slot : made) world.drop(slot);
        continue;
      }
      const Type type = kMadeFromRam[trial.below(std::size(kMadeFromRam))];
      const std::uint64_t count = 1 + trial.below(3);
      const std::uint64_t slots = world.new_slots(count);
      if (!world.retype(sources[trial.below(sources.size())], type,
                        object_bits(type) == 0 ? some_bits(trial) : 0, count, slots, count))
        continue;
      for (std::uint64_t slot = slots; slot < slots + count * lab::kSlotBytes;
           slot += lab::kSlotBytes) {
        expect_zeros(world, slot);
        const Capability object = *world.model().find(slot);
        if (object.type == Type::frame) make_dirty(world, object.base, object.bytes);
      }
    }
  }
}

LAB_TEST(retype, zeroing_takes_bounded_steps, "host") {
  for (unsigned round = 0; round < 8; ++round) {
    World world(trial, 4);
    const std::uint64_t bytes = std::uint64_t{1} << (18 + trial.below(2));
    const std::uint64_t around = world.new_memory(3 * bytes, bytes);
    const std::uint64_t begin = around + bytes;
    make_dirty(world, around, 3 * bytes);
    const std::uint64_t ram = world.put({.type = Type::ram, .base = begin, .bytes = bytes});
    const unsigned bits = 15 + static_cast<unsigned>(trial.below(3));
    const std::uint64_t size = std::uint64_t{1} << bits;
    const std::uint64_t slot = world.new_slots();
    const std::string question = "retype " + bare(ram) + " " +
                                 bare(static_cast<std::uint64_t>(Type::frame)) + " " + bare(bits) +
                                 " 1 " + bare(slot) + " 1";
    std::uint64_t dirty = used_bytes(world, around, 3 * bytes);
    for (std::uint64_t zeroed = 0; zeroed < size;) {
      const std::string came = world.ask(question);
      const std::uint64_t now = used_bytes(world, around, 3 * bytes);
      if (dirty - now > kMostZeroedInOneStep)
        world.wrong("16384 bytes zeroed in one call at most", std::to_string(dirty - now),
                    "retype of a frame of " + std::to_string(size) + " bytes");
      zeroed += dirty - now;
      if (came != "error again" && came != "ok") world.wrong("again or ok", came);
      if (came == "ok" && zeroed < size)
        world.wrong("again, until " + std::to_string(size) + " bytes are zeroed",
                    "ok after " + std::to_string(zeroed));
      if (came == "error again" && dirty == now)
        world.wrong("again only while there is something to zero", "again, and nothing was zeroed");
      dirty = now;
    }
    if (dirty != 3 * bytes - size)
      world.wrong("only the new object's memory is zeroed",
                  std::to_string(3 * bytes - dirty) + " bytes");
  }
}

LAB_TEST(retype, ram_made_from_ram_is_not_zeroed, "host") {
  World world(trial, 4);
  const std::uint64_t ram = put_ram(world, 1 << 20);
  make_dirty(world, world.model().find(ram)->base, 1 << 20);
  const std::uint64_t slot = world.new_slots();
  trial.expect_equal("retype of 512 KiB of Ram into Ram, at once", "ok",
                     world.ask("retype " + bare(ram) + " 2 13 1 " + bare(slot) + " 1"));
}
