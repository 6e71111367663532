// heap.hh — memory by the byte: first fit in a list of free blocks, kept in the order of addresses, so that neighbours
// are joined as soon as both are free.
//
//   ┌────────┬───────────┬────────┬──────────────┬────────┬─────────┐ used
//   │ header │ in use    │ header │ free         │ header │ in use  │ end ─▶ grows
//   └────────┴───────────┴────────┴──────────────┴────────┴─────────┘
//   first_free ──────────▶ bytes, next ──▶ ...
//
// Running out is a result, never a crash.

#pragma once

#include <cstddef>
#include <span>

#include "sprat/result.hh"

namespace sprat {

class Heap {
 public:
  static constexpr std::size_t kAlignment = 16;

  // Makes the `bytes` from `begin` on, which follow the heap's end, memory.
  using Grow = Result<void> (*)(std::byte* begin, std::size_t bytes);

  constexpr Heap() = default;
  // Lives in `room`, of which nothing need be memory before `more` said so. `step`: so much is asked for at least.
  Heap(std::span<std::byte> room, std::size_t step, Grow more);

  // `bytes` of memory, aligned to 16; not zeroed. Looks at every free block at worst.
  //   out_of_memory
  Result<void*> allocate(std::size_t bytes);

  // `memory` came from `allocate` and is not used any longer, or is null.
  void release(void* memory);

  // Of blocks that are allocated, headers included.
  std::size_t bytes_in_use() const { return bytes_in_use_; }

 private:
  struct alignas(kAlignment) Block {
    std::size_t bytes;  // with this header
    Block* next;  // while it is free: the free block behind it in memory, with which it may merge
  };

  Block* take(std::size_t bytes);
  void insert(Block* block);
  Result<void> grow(std::size_t bytes);

  Block* first_free_ = nullptr;
  std::byte* end_ = nullptr;    // of the memory
  std::byte* limit_ = nullptr;  // of the room
  std::size_t step_ = 0;
  std::size_t bytes_in_use_ = 0;
  Grow grow_ = nullptr;
};

// ---- this process's heap (runtime.cc)

// null: out of memory
//@ since memory
// A block of 64 KiB or more has pages of its own: when it is released, this process has less memory.
//@ end
void* allocate(std::size_t bytes) noexcept;
void release(void* memory) noexcept;

}  // namespace sprat
