// buddy.cc — see buddy.hh.

#include "memory/buddy.hh"

#include <algorithm>
#include <bit>

namespace sprat::memory {

Result<void> Buddy::add(Block& root, std::uint64_t base, unsigned bits, CapAddress capability,
                        bool is_borrowed) {
  if (bits < kLeastBits || bits > kMostBits) return Error::invalid_argument;
  if (is_borrowed && bits != kPieceBits) return Error::invalid_argument;
  if (base % (std::uint64_t{1} << bits) != 0) return Error::misaligned;
  root.base = base;
  root.capability = capability;
  root.bits = static_cast<std::uint8_t>(bits);
  root.is_borrowed = is_borrowed;
  root.parent = nullptr;
  set_free(root);
  bytes_free_ += root.bytes();
  list(root);
  return {};
}

Result<void> Buddy::remove(Block& root) {
  if (root.state != Block::State::free) return Error::in_use;
  root.links.leave();
  set_not_free(root, Block::State::used);
  bytes_free_ -= root.bytes();
  return {};
}

Result<Block*> Buddy::allocate(unsigned bits, Owner& owner) {
  if (bits < kLeastBits || bits > kMostBits) return Error::invalid_argument;
  Block* const top = find_top(bits);
  if (top == nullptr) return Error::out_of_memory;
  //@ lab memory.1a: static_cast<void>(owner); return Error::not_implemented;
  Block* block = &best_in(*top, bits);
  if (block->bits - bits > reserve_.count()) return Error::out_of_memory;
  top->links.leave();
  while (block->bits != bits) {
    if (const auto done = split(*block); !done) {
      update_tree(merge_up(*block));
      return done.error();
    }
    block = &block->halves->low;
  }
  set_not_free(*block, Block::State::used);
  update_tree(*block);
  block->owner = &owner;
  owner.blocks.push_back(*block);
  owner.bytes += block->bytes();
  bytes_free_ -= block->bytes();
  return block;
  //@ end
}

void Buddy::release(Block& block) {
  //@ lab memory.1b: static_cast<void>(block);
  block.links.leave();
  block.owner->bytes -= block.bytes();
  block.owner = nullptr;
  bytes_free_ += block.bytes();
  top_of(block).links.leave();
  set_free(block);
  update_tree(merge_up(block), true);
  //@ end
}

unsigned Buddy::largest_free() const {
  for (unsigned bits = kMostBits; bits >= kLeastBits; --bits)
    if (free_[bits] != 0) return bits;
  return 0;
}

std::uint64_t Buddy::pieces_free() const {
  std::uint64_t pieces = 0;
  for (unsigned bits = kPieceBits; bits <= kMostBits; ++bits)
    pieces += std::uint64_t{free_[bits]} << (bits - kPieceBits);
  return pieces;
}

// ---- trees

bool Buddy::is_top(const Block& block) {
  return block.bits >= kPieceBits || block.parent == nullptr;
}

Block& Buddy::top_of(Block& block) {
  Block* top = &block;
  while (!is_top(*top)) top = top->parent;
  return *top;
}

// The tree in which to look for a block of at least 2^bits bytes; null: there is none.
Block* Buddy::find_top(unsigned bits) const {
  for (unsigned largest = bits; largest < kPieceBits; ++largest) {
    if (Block* const top = trees_[largest].first()) return top;
    if (Block* const top = whole_[largest].first()) return top;
  }
  for (unsigned larger = std::max(bits, kPieceBits); larger <= kMostBits; ++larger)
    if (Block* const top = whole_[larger].first()) return top;
  return bits <= kPieceBits ? loans_.first() : nullptr;
}

// Of the smallest free blocks of the tree that have 2^bits bytes or more, the one with the lowest address.
Block& Buddy::best_in(Block& top, unsigned bits) {
  //@ lab memory.1c: static_cast<void>(bits); return top;
  const std::uint64_t enough = top.free_bits >> bits << bits;
  const std::uint64_t size = enough & -enough;
  Block* block = &top;
  while (block->state == Block::State::split) {
    Halves& halves = *block->halves;
    block = (halves.low.free_bits & size) != 0 ? &halves.low : &halves.high;
  }
  return *block;
  //@ end
}

// A tree of which a block was released comes behind the others of its kind: they become full, and it empty.
void Buddy::list(Block& top, bool was_released) {
  if (top.state == Block::State::free)
    return (top.is_borrowed ? loans_ : whole_[top.bits]).push_front(top);
  if (top.state != Block::State::split || top.free_bits == 0) return;
  Blocks& trees = trees_[std::bit_width(top.free_bits) - 1];
  was_released ? trees.push_back(top) : trees.push_front(top);
}

// `changed` is free or used now, or was merged from blocks that were; its tree is in no list.
void Buddy::update_tree(Block& changed, bool was_released) {
  Block* block = &changed;
  while (!is_top(*block)) {
    block = block->parent;
    block->free_bits = block->halves->low.free_bits | block->halves->high.free_bits;
  }
  list(*block, was_released);
}

// ---- blocks

void Buddy::set_free(Block& block) {
  block.state = Block::State::free;
  block.free_bits = block.bytes();
  ++free_[block.bits];
}

void Buddy::set_not_free(Block& block, Block::State state) {
  block.state = state;
  block.free_bits = 0;
  --free_[block.bits];
}

// Splits `block`, which is free, in no list, and larger than kLeastBits. With an error nothing has changed.
Result<void> Buddy::split(Block& block) {
  Halves& halves = reserve_.take();
  for (Block* const half : {&halves.low, &halves.high}) {
    half->base = block.base;
    half->bits = static_cast<std::uint8_t>(block.bits - 1);
    half->is_borrowed = block.is_borrowed;
    half->parent = &block;
  }
  halves.high.base += halves.high.bytes();
  //@ lab memory.1d: static_cast<void>(memory_), reserve_.give_back(halves); return Error::not_implemented;
  if (const auto done = memory_.split(block, halves); !done) {
    reserve_.give_back(halves);
    return done;
  }
  set_not_free(block, Block::State::split);
  block.halves = &halves;
  set_free(halves.low);
  set_free(halves.high);
  if (is_top(halves.high)) list(halves.high);
  return {};
  //@ end
}

// Merges `block`, which is free and in no list, with the other half of its parent if that is free as well, and so on. Returns the
// free block that it is part of now.
Block& Buddy::merge_up(Block& block) {
  //@ lab memory.1e: return block;
  Block* whole = &block;
  while (whole->parent != nullptr) {
    Block& parent = *whole->parent;
    Halves& halves = *parent.halves;
    if (halves.other(*whole).state != Block::State::free) break;
    halves.other(*whole).links.leave();
    memory_.merge(parent, halves);
    set_not_free(halves.low, Block::State::used);
    set_not_free(halves.high, Block::State::used);
    reserve_.give_back(halves);
    set_free(parent);
    whole = &parent;
  }
  return *whole;
  //@ end
}

}  // namespace sprat::memory
