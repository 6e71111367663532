//@ says Splits, takes the block together again, and begins anew.

//@ answer memory.1a
  static_cast<void>(owner);
  for (;;) {
    Block& block = best_in(*top, bits);
    block.links.leave();
    list(block);
  }
//@ end
