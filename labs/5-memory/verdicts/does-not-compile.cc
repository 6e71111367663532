//@ says Has a mistake that no compiler accepts.

//@ answer memory.1e
  return block
//@ end
