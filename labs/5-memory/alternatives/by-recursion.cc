//@ says Counts the splits, looks for the size bit by bit, and merges by recursion.

//@ answer memory.1a
  Block* block = &best_in(*top, bits);
  std::size_t splits = block->bits - bits;
  if (reserve_.count() < splits) return Error::out_of_memory;
  top->links.leave();
  for (; splits != 0; --splits) {
    const auto done = split(*block);
    if (!done) {
      Block& whole = merge_up(*block);
      update_tree(whole);
      return done.error();
    }
    block = &block->halves->low;
  }
  bytes_free_ -= block->bytes();
  owner.bytes += block->bytes();
  set_not_free(*block, Block::State::used);
  block->owner = &owner;
  owner.blocks.push_front(*block);
  update_tree(*block);
  return block;
//@ end

//@ answer memory.1b
  Owner& owner = *block.owner;
  owner.blocks.remove(block);
  owner.bytes -= block.bytes();
  bytes_free_ += block.bytes();
  block.owner = nullptr;
  Block& top = top_of(block);
  if (top.links.is_linked()) top.links.leave();
  set_free(block);
  Block& whole = merge_up(block);
  update_tree(whole, true);
//@ end

//@ answer memory.1c
  unsigned size = bits;
  while ((top.free_bits >> size & 1) == 0) ++size;
  Block* block = &top;
  while (block->state != Block::State::free) {
    Block& low = block->halves->low;
    block = (low.free_bits >> size & 1) != 0 ? &low : &block->halves->high;
  }
  return *block;
//@ end

//@ answer memory.1e
  if (block.parent == nullptr) return block;
  Block& parent = *block.parent;
  Halves& halves = *parent.halves;
  Block& buddy = halves.other(block);
  if (buddy.state != Block::State::free) return block;
  if (buddy.links.is_linked()) buddy.links.leave();
  memory_.merge(parent, halves);
  for (Block* const half : {&halves.low, &halves.high}) set_not_free(*half, Block::State::used);
  parent.halves = nullptr;
  reserve_.give_back(halves);
  set_free(parent);
  return merge_up(parent);
//@ end
