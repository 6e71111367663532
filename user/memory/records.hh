// records.hh — where the records of blocks are, and the slots of their capabilities:
//
//   chunk n    a CNode of 256 slots in slot kFirstNode + n of the server's root
//              kHalvesOfChunk records of Halves at kRecords + n * kChunkBytes; record i has the slots 1 + 2 i and 2 + 2 i
//
// So a block has a number, from which its record is found. Chunks are made of the server's own blocks, between requests; the first is
// made of the RAM that the server began with.

#pragma once

#include "lib/runtime.hh"
#include "memory/buddy.hh"

namespace sprat::memory {

class Records {
 public:
  static constexpr std::size_t kMostChunks = 128;
  static constexpr std::size_t kHalvesOfChunk = (kSlotsPerCNode - 1) / 2;
  static constexpr std::size_t kMostRoots = 128;

  // The first chunk, made of `ram`.  The errors of the operations
  Result<void> prepare(RamSupply& ram, Reserve& reserve);

  // Makes a chunk of two blocks of the server's, if the reserve is half empty. Without room for it the reserve stays as it is.
  void refill(Buddy& buddy, Reserve& reserve);

  // Returns a record for a block that has no parent.  out_of_memory: kMostRoots are in use
  Result<Block*> add_root();
  void remove_root(Block& root) { root.capability = CapAddress(); }

  std::uint64_t number_of(const Block& block) const;
  // Returns the block of that number, in use or not; null: there is none.
  Block* find(std::uint64_t number);

  // Whether it is one of which a chunk was made.
  bool owns(const Block& block) const { return block.owner == &server_; }

  // Returns the block without a parent that the byte at `address` is in; null: there is none.
  Block* root_of(std::uint64_t address);

 private:
  // The record number `index` of all chunks.
  static Halves& halves_at(std::size_t index);
  void add_chunk(Reserve& reserve);

  std::array<Block, kMostRoots> roots_{};
  std::size_t chunks_ = 0;
  Owner server_;  // of the blocks that chunks are made of
};

}  // namespace sprat::memory
