// heap_test.cc — memory by the byte.

#include "lib/heap.hh"

#include <criterion/criterion.h>

#include <array>
#include <cstring>
#include <random>
#include <vector>

using namespace sprat;

namespace {

constexpr std::size_t kRoom = 1 << 20, kStep = 4096;
alignas(16) std::array<std::byte, kRoom> room;
std::size_t usable, limit = kRoom;

// Grows the room up to `limit`, and only at its end.
Result<void> grow(std::byte* begin, std::size_t bytes) {
  cr_assert(begin == room.data() + usable);
  if (usable + bytes > limit) return Error::out_of_memory;
  usable += bytes;
  return {};
}

Heap make_heap() { return Heap(room, kStep, grow); }

}  // namespace

Test(heap, memory_is_aligned_and_inside_of_what_was_made) {
  Heap heap = make_heap();
  for (const std::size_t bytes : {1, 16, 17, 100, 5000}) {
    const auto memory = heap.allocate(bytes);
    cr_assert(memory.ok());
    auto* const begin = static_cast<std::byte*>(memory.value());
    cr_expect(reinterpret_cast<std::uintptr_t>(begin) % Heap::kAlignment == 0);
    cr_expect(begin >= room.data() && begin + bytes <= room.data() + usable);
  }
}

Test(heap, running_out_is_an_error_and_nothing_is_lost) {
  limit = 2 * kStep;
  Heap heap = make_heap();
  cr_expect(heap.allocate(~std::size_t{0}).error() == Error::out_of_memory);
  cr_expect(heap.allocate(kRoom).error() == Error::out_of_memory);
  cr_expect(heap.allocate(limit).error() == Error::out_of_memory);
  const auto most = heap.allocate(2 * kStep - 16);
  cr_assert(most.ok());
  cr_expect(heap.allocate(1).error() == Error::out_of_memory);
  heap.release(most.value());
  cr_expect(heap.bytes_in_use() == 0);
  cr_expect(heap.allocate(2 * kStep - 16).ok());
}

Test(heap, null_may_be_released) {
  Heap heap = make_heap();
  heap.release(nullptr);
  cr_expect(heap.bytes_in_use() == 0);
}

Test(heap, neighbours_are_joined_in_whatever_order_they_come_back) {
  for (int order = 0; order < 6; ++order) {
    usable = 0;
    Heap heap = make_heap();
    std::array<void*, 3> blocks;
    for (void*& block : blocks) block = heap.allocate(kStep / 4 - 16).value();
    cr_expect(heap.allocate(kStep / 4 - 16).ok());
    const int first = order / 2, second = (first + 1 + order % 2) % 3;
    for (const int i : {first, second, 3 - first - second}) heap.release(blocks[i]);
    const std::size_t before = usable;
    cr_expect(heap.allocate(3 * kStep / 4 - 16).value() == blocks[0]);
    cr_expect(usable == before);
  }
}

Test(heap, blocks_never_overlap_and_all_memory_comes_back) {
  const std::uint32_t seed = std::random_device()();
  std::mt19937 random(seed);
  struct Block {
    std::byte* begin;
    std::size_t bytes;
    std::byte mark;
  };
  std::vector<Block> blocks;
  Heap heap = make_heap();
  for (int round = 0; round < 200'000; ++round) {
    if (random() % 2 == 0) {
      const std::size_t bytes = random() % (random() % 8 == 0 ? 20'000 : 200);
      const auto memory = heap.allocate(bytes);
      if (!memory) continue;
      const Block block{static_cast<std::byte*>(memory.value()), bytes, std::byte(random())};
      std::memset(block.begin, std::to_integer<int>(block.mark), bytes);
      blocks.push_back(block);
    } else if (!blocks.empty()) {
      std::swap(blocks[random() % blocks.size()], blocks.back());
      const Block block = blocks.back();
      blocks.pop_back();
      for (std::size_t i = 0; i < block.bytes; ++i)
        cr_assert(block.begin[i] == block.mark, "seed %u: a block was overwritten", seed);
      heap.release(block.begin);
    }
  }
  for (const Block& block : blocks) heap.release(block.begin);
  cr_expect(heap.bytes_in_use() == 0);
  cr_expect(heap.allocate(usable - 16).ok(), "seed %u: free memory is in pieces", seed);
}
