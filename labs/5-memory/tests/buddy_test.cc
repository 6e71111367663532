// buddy_test.cc — exercise 1: a buddy system hands out no byte twice, loses none, and keeps whole what can be whole.

#include "buddy.hh"

using namespace lab;

namespace {

constexpr std::size_t kEnoughRecords = 2'000;

// Often one of the sizes at which something changes.
unsigned any_bits(Trial& trial) {
  switch (trial.below(8)) {
    case 0: return kLeastBits;
    case 1: return kPieceBits;
    case 2: return kPieceBits - 1;
    case 3: return kPieceBits + 1;
    default: return kLeastBits + static_cast<unsigned>(trial.below(kPieceBits - kLeastBits + 1));
  }
}

std::uint64_t any_place(Trial& trial) { return (1 + trial.below(200)) << (kPieceBits + 3); }

template <class Map>
std::uint64_t any_key(Trial& trial, const Map& map) {
  auto place = map.begin();
  std::advance(place, trial.below(map.size()));
  return place->first;
}

// One more block of RAM, at its own place.
void add_any(Trial& trial, Buddy& buddy, std::uint64_t place) {
  const std::uint64_t base = place << (kPieceBits + 2);
  switch (trial.below(4)) {
    case 0: return buddy.add(base, kPieceBits + 2);
    case 1: return buddy.add(base, kPieceBits, true);
    case 2: return buddy.add(base, kPieceBits);
    default: {  // of two halves of a block that comes in parts, one is larger
      const unsigned bits = any_bits(trial);
      buddy.add(base, bits);
      if (bits < kPieceBits) buddy.add(base + bytes_of(bits), bits);
    }
  }
}

}  // namespace

LAB_TEST(buddy, splits_one_block_down_to_the_size, "host") {
  for (unsigned bits = kLeastBits; bits <= kPieceBits + 2; ++bits) {
    Buddy buddy(trial, kEnoughRecords);
    buddy.add(any_place(trial), kPieceBits + 2);
    const std::size_t before = buddy.records_left();
    buddy.allocate(bits, trial.below(kClients));
    const std::size_t splits = kPieceBits + 2 - bits;
    if (before - buddy.records_left() != splits)
      trial.wrong(std::to_string(splits) + " splits",
                  std::to_string(before - buddy.records_left()));
  }
}

LAB_TEST(buddy, hands_out_all_bytes_and_none_twice, "host") {
  for (int round = 0; round < 12; ++round) {
    Buddy buddy(trial, kEnoughRecords);
    const std::uint64_t base = any_place(trial);
    buddy.add(base, kPieceBits + static_cast<unsigned>(trial.below(2)));
    if (trial.below(2) == 0) buddy.add(base + bytes_of(kPieceBits + 2), kPieceBits - 2);
    for (int misses = 0; misses < 12 && buddy.largest_free() != 0;) {
      const unsigned bits =
          kLeastBits + 2 + static_cast<unsigned>(trial.below(kPieceBits - kLeastBits - 1));
      if (buddy.allocate(bits, trial.below(kClients)).bits == 0) ++misses;
    }
  }
}

LAB_TEST(buddy, takes_the_smallest_block_that_suffices, "host") {
  for (int round = 0; round < 30; ++round) {
    Buddy buddy(trial, kEnoughRecords);
    buddy.add(any_place(trial), kPieceBits);
    std::vector<std::uint64_t> bases;
    for (int i = 0; i < 6; ++i) {
      const unsigned bits =
          kLeastBits + static_cast<unsigned>(trial.below(kPieceBits - kLeastBits - 1));
      if (const Block block = buddy.allocate(bits); block.bits != 0) bases.push_back(block.base);
    }
    for (const std::uint64_t base : bases)
      if (trial.below(2) == 0) buddy.release(base);
    for (int i = 0; i < 6; ++i)
      buddy.allocate(kLeastBits + static_cast<unsigned>(trial.below(5)), 1);
  }
}

LAB_TEST(buddy, free_halves_become_one_block_again, "host") {
  for (int round = 0; round < 12; ++round) {
    Buddy buddy(trial, kEnoughRecords);
    const unsigned bits = kPieceBits + static_cast<unsigned>(trial.below(3));
    buddy.add(any_place(trial), bits);
    for (std::size_t left = 1 + trial.below(40); left != 0; --left)
      buddy.allocate(any_bits(trial), trial.below(kClients));
    while (!buddy.used().empty()) buddy.release(any_key(trial, buddy.used()));
    if (buddy.largest_free() != bits) trial.wrong("one free block", "several");
  }
}

// Two roots beside each other are no halves of one block.
LAB_TEST(buddy, neighbours_that_were_never_one_block_stay_two, "host") {
  for (unsigned bits = kLeastBits; bits < kPieceBits; ++bits) {
    Buddy buddy(trial, kEnoughRecords);
    const std::uint64_t base = any_place(trial);
    buddy.add(base, bits);
    buddy.add(base + bytes_of(bits), bits);
    const Block first = buddy.allocate(bits), second = buddy.allocate(bits);
    buddy.release(first.base);
    buddy.release(second.base);
    buddy.allocate(bits + 1);
    buddy.remove(base);
  }
}

LAB_TEST(buddy, split_that_fails_changes_nothing, "host") {
  const unsigned bits = kPieceBits + 2;
  for (std::size_t failing = 1; failing <= bits - kLeastBits; ++failing) {
    Buddy buddy(trial, kEnoughRecords);
    buddy.add(any_place(trial), bits);
    buddy.fail_at(failing);
    if (buddy.allocate(kLeastBits).bits != 0) trial.wrong("the error of the split", "a block");
    if (buddy.allocate(kLeastBits).bits == 0)
      trial.wrong("a block, now that no split fails", "an error");
  }
}

LAB_TEST(buddy, without_records_nothing_is_split, "host") {
  constexpr std::size_t kNeeded = kPieceBits - kLeastBits;
  for (std::size_t records = 0; records <= kNeeded; ++records) {
    Buddy buddy(trial, records);
    buddy.add(any_place(trial), kPieceBits);
    const bool has_block = buddy.allocate(kLeastBits).bits != 0;
    if (has_block != (records == kNeeded))
      trial.wrong("a block exactly if the reserve has a record for each split", "not so");
    if (!has_block && buddy.allocate(kPieceBits).bits == 0)
      trial.wrong("the whole block, which needs no record", "an error");
  }
}

LAB_TEST(buddy, any_trace_is_as_the_model_says, "host") {
  for (int run = 0; run < 30; ++run) {
    Buddy buddy(trial, trial.below(4) == 0 ? trial.below(200) : kEnoughRecords);
    std::uint64_t places = 0;
    std::uint64_t pressure = 2;  // allocations among 4 events
    for (int step = 0; step < 120; ++step) {
      if (trial.below(50) == 0) pressure = 1 + trial.below(3);
      if (trial.below(8) == 0) buddy.fail_at(trial.below(12));
      switch (trial.below(20)) {
        case 0:
          if (buddy.roots().size() < 8) add_any(trial, buddy, ++places);
          break;
        case 1:
          if (!buddy.roots().empty()) buddy.remove(any_key(trial, buddy.roots()));
          break;
        default:
          if (trial.below(4) < pressure)
            buddy.allocate(any_bits(trial), trial.below(kClients));
          else if (!buddy.used().empty())
            buddy.release(any_key(trial, buddy.used()));
      }
    }
    while (!buddy.used().empty()) buddy.release(any_key(trial, buddy.used()));
    while (!buddy.roots().empty()) buddy.remove(buddy.roots().begin()->first);
  }
}
