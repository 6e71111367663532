// buddy.hh — which RAM of a core is free: a buddy system, whose tree is the tree of the server's capabilities.
//
//   piece, 2 MiB   [ split                                               ]
//   1 MiB          [ split                    ][ free                    ]     split: a retype into two halves
//   512 KiB        [ used       ][ free       ]                                merge: both halves are removed
//
// A block keeps its capability while it is split or used: RAM for a client is made of it, by the caller, and is taken back by a revoke.
//
// A tree begins with a piece of 2 MiB, or with a smaller block that has no parent. Larger blocks are whole, or split down to pieces.
// Of the trees that have a block for a request, the one is taken whose largest free block is the smallest. So trees that are nearly
// full become full, nearly empty ones become empty, and whole pieces are left that can be lent. Within a tree the smallest block
// that suffices is split, and of those the one with the lowest address (best fit).
//
// All operations take O(kMostBits) steps, of which each splits or merges one block at most.

#pragma once

#include <array>

#include "memory/block.hh"

namespace sprat::memory {

class Buddy {
 public:
  // Both must outlive this.
  Buddy(BlockMemory& memory, Reserve& reserve) : memory_(memory), reserve_(reserve) {}

  // The 2^bits bytes at `base`, RAM to which `capability` is the only one, can be handed out. `root` is their record until remove().
  // `is_borrowed`: a piece that is another core's; it is handed out last.
  //   invalid_argument   bits is not from kLeastBits to kMostBits, or a borrowed block is no piece
  //   misaligned         base is no multiple of 2^bits
  Result<void> add(Block& root, std::uint64_t base, unsigned bits, CapAddress capability,
                   bool is_borrowed = false);

  // Forgets `root`, all of which is free.  in_use: part of it is not
  Result<void> remove(Block& root);

  // Returns 2^bits bytes that are the owner's until release(). Splits kMostBits - bits blocks at most.
  //   invalid_argument   bits is not from kLeastBits to kMostBits
  //   out_of_memory      no free block is as large, or the reserve has too few records to split one
  // and those of BlockMemory::split; then nothing has changed.
  Result<Block*> allocate(unsigned bits, Owner& owner);

  // `block` is free again. Nothing that was made of its capability is left.
  void release(Block& block);

  // Returns a borrowed piece all of which is free; null: there is none.
  Block* free_loan() const { return loans_.first(); }

  // Returns how many there are. Visits all of them.
  std::uint64_t loans_free() const {
    std::uint64_t loans = 0;
    loans_.find([&](const Block&) { return ++loans == 0; });
    return loans;
  }

  std::uint64_t bytes_free() const { return bytes_free_; }

  // Returns the number of free blocks of each size: of 2^n bytes at n.
  using Counts = std::array<std::uint32_t, kMostBits + 1>;
  const Counts& free_by_bits() const { return free_; }

  // Returns the bits of the largest free block; 0: there is none.
  unsigned largest_free() const;

  // Returns how many whole pieces are free, in blocks of any size.
  std::uint64_t pieces_free() const;

 private:
  using Blocks = List<Block, offsetof(Block, links)>;

  static bool is_top(const Block& block);
  static Block& top_of(Block& block);
  static Block& best_in(Block& top, unsigned bits);
  Block* find_top(unsigned bits) const;
  void list(Block& top, bool was_released = false);
  void update_tree(Block& changed, bool was_released = false);
  void set_free(Block& block);
  void set_not_free(Block& block, Block::State state);
  Result<void> split(Block& block);
  Block& merge_up(Block& block);

  BlockMemory& memory_;
  Reserve& reserve_;
  std::array<Blocks, kPieceBits>
      trees_;  // with something free, by the bits of the largest free block
  std::array<Blocks, kMostBits + 1>
      whole_;     // free blocks without a parent or of kPieceBits or more, by bits
  Blocks loans_;  // the same, if they are borrowed
  Counts free_{};
  std::uint64_t bytes_free_ = 0;
};

}  // namespace sprat::memory
