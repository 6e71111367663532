// slots_test.cc — slots are given out once, and again when they are given back.

#include "lib/slots.hh"

#include <criterion/criterion.h>

#include <random>
#include <set>

using namespace sprat;

Test(slots, all_slots_but_the_kernels_are_given_out_once) {
  SlotAllocator slots;
  cr_assert(slots.add(4).ok());
  cr_assert(slots.add(9).ok());
  std::set<std::uint32_t> taken;
  cr_expect(slots.unused() == 2 * (kSlotsPerCNode - 1));
  for (std::size_t i = 0; i < 2 * (kSlotsPerCNode - 1); ++i) {
    const auto slot = slots.take();
    cr_assert(slot.ok());
    cr_assert(slot.value().node() == 4 || slot.value().node() == 9);
    cr_assert(slot.value().slot() != 0);
    cr_assert(taken.insert(slot.value().raw()).second, "slot %x twice", slot.value().raw());
  }
  cr_expect(slots.unused() == 0);
  cr_expect(slots.take().error() == Error::out_of_memory);
}

Test(slots, slots_below_the_first_stay_out) {
  SlotAllocator slots;
  cr_assert(slots.add(1, 200).ok());
  cr_expect(slots.unused() == 56);
  cr_expect(slots.take().value() == CapAddress(1, 200));
}

Test(slots, there_is_a_limit_of_nodes) {
  SlotAllocator slots;
  for (std::size_t node = 0; node < SlotAllocator::kMaxNodes; ++node)
    cr_assert(slots.has_room() && slots.add(node).ok());
  cr_expect(!slots.has_room());
  cr_expect(slots.add(100).error() == Error::out_of_memory);
}

Test(slots, returned_slots_are_given_out_again) {
  const std::uint32_t seed = std::random_device()();
  std::mt19937 random(seed);
  SlotAllocator slots;
  for (const std::size_t node : {5, 7}) cr_assert(slots.add(node).ok());
  std::vector<CapAddress> taken;
  for (int round = 0; round < 100'000; ++round) {
    if (random() % 2 == 0) {
      const auto slot = slots.take();
      cr_assert(slot.ok() == (taken.size() < 2 * (kSlotsPerCNode - 1)), "seed %u", seed);
      if (slot.ok()) taken.push_back(slot.value());
    } else if (!taken.empty()) {
      std::swap(taken[random() % taken.size()], taken.back());
      slots.give_back(taken.back());
      taken.pop_back();
    }
    cr_assert(slots.unused() == 2 * (kSlotsPerCNode - 1) - taken.size(), "seed %u", seed);
  }
}
