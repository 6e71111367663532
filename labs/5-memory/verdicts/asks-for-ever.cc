//@ says Asks its peers round and round, until one has a piece.

//@ answer memory.3a
  while (const auto peer = next_peer())
    if (ask(*peer)) return;
  pieces_.request_ended(Error::out_of_memory);
//@ end
