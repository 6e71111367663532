// buddy_test.cc — a buddy system hands out no byte twice, loses none, and keeps whole what can be whole: against a model that
// owns bytes. SCHEDULES=N tries N random runs; SPRAT_SEED=N repeats one that failed.

#include "tests/memory/model_ram.hh"
#include "tests/schedules.hh"
#include "urpc/simulation/random.hh"

using namespace sprat;
using namespace sprat::test;
using simulation::Random;

namespace {

constexpr std::uint64_t kPiece = std::uint64_t{1} << kPieceBits;
constexpr std::size_t kEnoughRecords = 2'000;

unsigned any_bits(Random& random) {
  switch (random.below(8)) {
    case 0: return kLeastBits;
    case 1: return kPieceBits;
    case 2: return kPieceBits - 1;
    case 3: return kPieceBits + 1;
    default: return kLeastBits + static_cast<unsigned>(random.below(kPieceBits - kLeastBits + 1));
  }
}

// One more block of RAM, at its own place.
void add_any(ModelRam& ram, Random& random, std::uint64_t place) {
  const std::uint64_t base = place << (kPieceBits + 2);
  switch (random.below(4)) {
    case 0: return ram.add(base, kPieceBits + 2);
    case 1: return ram.add(base, kPieceBits, true);
    case 2: return ram.add(base, kPieceBits);
    default: {  // of two halves of a block that comes in parts, the larger part of one
      const unsigned bits = any_bits(random);
      ram.add(base, bits);
      if (bits < kPieceBits) ram.add(base + (std::uint64_t{1} << bits), bits);
    }
  }
}

void any_run(std::uint64_t seed) {
  Random random(seed);
  ModelRam ram(random.below(4) == 0 ? random.below(200) : kEnoughRecords);
  std::uint64_t places = 0;
  unsigned pressure = 2;  // allocations among 4 events
  for (std::size_t step = 0; step < 300; ++step) {
    if (random.below(50) == 0) pressure = 1 + static_cast<unsigned>(random.below(3));
    if (random.below(8) == 0) ram.capabilities.splits_until_failure = random.below(12);
    switch (random.below(40)) {
      case 0:
      case 1:
        if (ram.roots().size() < 8) add_any(ram, random, ++places);
        break;
      case 2:
        if (const auto roots = ram.roots(); !roots.empty())
          ram.remove(roots[random.below(roots.size())]);
        break;
      default:
        if (random.below(4) < pressure) {
          ram.allocate(any_bits(random), random.below(ModelRam::kClients));
        } else if (!ram.used().empty()) {
          ram.release(*ram.used()[random.below(ram.used().size())]);
        }
    }
    if (step % 8 == 0) ram.check();
  }
  while (!ram.used().empty()) ram.release(*ram.used()[random.below(ram.used().size())]);
  ram.check();
  for (const std::uint64_t root : ram.roots()) ram.remove(root);
  expect(ram.buddy.bytes_free() == 0 && ram.buddy.largest_free() == 0, "a removed block is free");
}

}  // namespace

Test(buddy, hands_out_no_byte_twice_and_loses_none) {
  try_schedules(kSchedules / 20, [](std::uint64_t seed) -> const char* {
    try {
      any_run(seed);
    } catch (const Mismatch& mismatch) {
      return mismatch.what;
    }
    return nullptr;
  });
}

Test(buddy, refuses_what_is_no_block) {
  ModelRam ram(kEnoughRecords);
  Block block;
  cr_expect(ram.buddy.add(block, 0, kLeastBits - 1, {}).error() == Error::invalid_argument);
  cr_expect(ram.buddy.add(block, 0, kMostBits + 1, {}).error() == Error::invalid_argument);
  cr_expect(ram.buddy.add(block, kPage, kLeastBits + 1, {}).error() == Error::misaligned);
  cr_expect(ram.buddy.add(block, 0, kPieceBits + 1, {}, true).error() == Error::invalid_argument);
  ram.add(0, kPieceBits);
  for (const unsigned bits : {0u, kLeastBits - 1, kMostBits + 1, ~0u})
    cr_expect(ram.buddy.allocate(bits, ram.owners[0]).error() == Error::invalid_argument);
  cr_expect(ram.buddy.allocate(kPieceBits + 1, ram.owners[0]).error() == Error::out_of_memory);
  ram.check();
}

Test(buddy, split_that_fails_changes_nothing) {
  for (std::size_t failing = 1; failing <= kPieceBits + 2 - kLeastBits; ++failing) {
    ModelRam ram(kEnoughRecords);
    ram.add(0, kPieceBits + 2);
    ram.capabilities.splits_until_failure = failing;
    cr_assert(ram.allocate(kLeastBits, 0) == nullptr);
    ram.check();
    cr_assert(ram.allocate(kLeastBits, 0) != nullptr);
    ram.check();
  }
}

Test(buddy, without_records_an_allocation_changes_nothing) {
  constexpr std::size_t kNeeded = kPieceBits - kLeastBits;
  for (std::size_t records = 0; records <= kNeeded; ++records) {
    ModelRam ram(records);
    ram.add(0, kPieceBits);
    cr_assert((ram.allocate(kLeastBits, 0) != nullptr) == (records == kNeeded));
    ram.check();
    cr_assert(records == kNeeded || ram.allocate(kPieceBits, 0) != nullptr);
  }
}

Test(buddy, takes_the_piece_whose_largest_free_block_is_the_smallest) {
  ModelRam ram(kEnoughRecords);
  for (std::uint64_t piece = 0; piece < 3; ++piece) ram.add(piece * kPiece, kPieceBits);
  Block* const half = ram.allocate(kPieceBits - 1, 0);
  Block* const quarter = ram.allocate(kPieceBits - 2, 0);
  Block* const other_quarter = ram.allocate(kPieceBits - 2, 0);
  Block* const of_next_piece = ram.allocate(kPieceBits - 2, 0);
  cr_assert(other_quarter->base / kPiece == half->base / kPiece);
  cr_assert(of_next_piece->base / kPiece != half->base / kPiece);
  ram.release(*quarter);
  cr_expect(ram.allocate(kLeastBits, 0)->base / kPiece == half->base / kPiece);
  cr_expect(ram.buddy.pieces_free() == 1);
}

Test(buddy, borrowed_pieces_are_used_last) {
  ModelRam ram(kEnoughRecords);
  ram.add(0, kPieceBits, true);
  ram.add(kPiece, kPieceBits);
  ram.add(2 * kPiece, kPieceBits + 1);
  for (int piece = 0; piece < 3; ++piece) cr_expect(!ram.allocate(kPieceBits, 0)->is_borrowed);
  cr_expect(ram.buddy.free_loan() != nullptr);
  cr_expect(ram.allocate(kLeastBits, 0)->is_borrowed);
  cr_expect(ram.buddy.free_loan() == nullptr);
}

Test(buddy, what_a_client_had_comes_back_block_by_block) {
  ModelRam ram(kEnoughRecords);
  ram.add(0, kPieceBits);
  for (unsigned i = 0; i < 30; ++i) ram.allocate(kLeastBits + i % 4, i % ModelRam::kClients);
  while (Block* const block = ram.owners[1].blocks.first()) ram.release(*block);
  cr_expect(ram.owners[1].bytes == 0);
  ram.check();
}
