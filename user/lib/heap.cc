// heap.cc — first fit.

#include "lib/heap.hh"

#include <algorithm>
#include <new>

namespace sprat {
namespace {

constexpr std::size_t kLargestBlock = std::size_t{1} << 40;

}  // namespace

Heap::Heap(std::span<std::byte> room, std::size_t step, Grow more)
    : end_(room.data()), limit_(room.data() + room.size()), step_(step), grow_(more) {}

Result<void*> Heap::allocate(std::size_t bytes) {
  if (bytes > kLargestBlock) return Error::out_of_memory;  // so the sums below do not overflow
  const std::size_t wanted = (bytes + sizeof(Block) + kAlignment - 1) / kAlignment * kAlignment;
  Block* block = take(wanted);
  if (block == nullptr) {
    TRY(grow(wanted));
    block = take(wanted);
  }
  bytes_in_use_ += block->bytes;
  return static_cast<void*>(block + 1);
}

void Heap::release(void* memory) {
  if (memory == nullptr) return;
  Block* const block = static_cast<Block*>(memory) - 1;
  bytes_in_use_ -= block->bytes;
  insert(block);
}

// The first free block that is large enough, cut to `bytes`, or null.
Heap::Block* Heap::take(std::size_t bytes) {
  for (Block** link = &first_free_; *link != nullptr; link = &(*link)->next) {
    Block* const block = *link;
    if (block->bytes < bytes) continue;
    if (block->bytes - bytes > sizeof(Block)) {
      auto* const rest = new (reinterpret_cast<std::byte*>(block) + bytes)
          Block{block->bytes - bytes, block->next};
      *link = rest;
      block->bytes = bytes;
    } else {
      *link = block->next;
    }
    return block;
  }
  return nullptr;
}

// Puts a block where it belongs in the order, and joins it with the neighbours it touches.
void Heap::insert(Block* block) {
  const auto touch = [](const Block* left, const Block* right) {
    return reinterpret_cast<const std::byte*>(left) + left->bytes ==
           reinterpret_cast<const std::byte*>(right);
  };
  Block* before = nullptr;
  Block* after = first_free_;
  while (after != nullptr && after < block) {
    before = after;
    after = after->next;
  }
  block->next = after;
  if (after != nullptr && touch(block, after)) {
    block->bytes += after->bytes;
    block->next = after->next;
  }
  if (before == nullptr) {
    first_free_ = block;
  } else if (touch(before, block)) {
    before->bytes += block->bytes;
    before->next = block->next;
  } else {
    before->next = block;
  }
}

Result<void> Heap::grow(std::size_t bytes) {
  const auto room = static_cast<std::size_t>(limit_ - end_);
  const std::size_t more = std::min(std::max(bytes, step_), room);
  if (more < bytes || more == 0) return Error::out_of_memory;
  TRY(grow_(end_, more));
  auto* const block = new (end_) Block{more, nullptr};
  end_ += more;
  insert(block);
  return {};
}

}  // namespace sprat
