//@ says Written from the guide alone: loops in the place of algorithms, and tables that are looked through.

//@ answer memory.2a
  if (chunks_ == kMostChunks || reserve.count() >= Reserve::kWanted / 2) return;
  const unsigned node_bits = object_bits(Type::cnode);
  // The larger one first.
  const auto memory = buddy.allocate(kChunkBits, server_);
  if (!memory) return;
  const auto node = buddy.allocate(node_bits, server_);
  if (!node) return buddy.release(*memory.value());
  bool is_made = false;
  const std::size_t slot = kFirstNode + chunks_;
  if (retype_into(kRoot, slot, node.value()->capability, Type::cnode, node_bits)) {
    auto frame = retype<Type::frame>(CapRef<Type::ram>(memory.value()->capability), kChunkBits);
    if (frame && map_chunk(chunks_, frame.value())) {
      frame.value().release();
      is_made = true;
    }
  }
  if (is_made) return add_chunk(reserve);
  for (Block* const block : {node.value(), memory.value()}) {
    static_cast<void>(revoke(block->capability));
    buddy.release(*block);
  }
//@ end

//@ answer memory.2b
  for (std::size_t i = 0; i < roots_.size(); ++i)
    if (&roots_[i] == &block) return i;
  const std::uint64_t chunk = block.capability.node() - kFirstNode;
  return kFirstHalf + chunk * (kSlotsPerCNode - 2) + block.capability.slot() - 1;
//@ end

//@ answer memory.2c
  if (number < kMostRoots) return &roots_[number];
  const std::uint64_t chunk = (number - kMostRoots) / (2 * kHalvesOfChunk);
  if (chunk >= chunks_) return nullptr;
  const std::uint64_t place = (number - kMostRoots) % (2 * kHalvesOfChunk);
  Halves& halves = halves_at(chunk * kHalvesOfChunk + place / 2);
  return place % 2 != 0 ? &halves.high : &halves.low;
//@ end

//@ answer memory.2d
    if (name.place >= kMostMemoryClients) return Error::invalid_argument;
    Client& client = clients_[name.place];
    if (client.is_here) return Error::in_use;
    const bool is_root = name == parent;
    Client* const above = is_root ? nullptr : find(parent);
    if (!is_root && above == nullptr) return Error::invalid_argument;
    if (spent > limit || (above != nullptr && spent > left(*above))) return Error::quota_exceeded;
    client.is_here = true;
    client.number = name.number;
    client.limit = limit;
    client.taken = 0;
    client.parent = above;
    take(client, spent);
    return &client;
//@ end

//@ answer memory.2e
    std::uint64_t stays = 0;
    for (Client& other : clients_) {
      if (!other.is_here || other.parent != &client) continue;
      stays += other.taken;
      other.parent = client.parent;
    }
    give_back(client, client.taken - stays);
    client.is_here = false;
    client.parent = nullptr;
//@ end

//@ answer memory.2f
    const std::uint64_t own = client.limit - client.taken;
    return client.parent == nullptr ? own : std::min(own, left(*client.parent));
//@ end

//@ answer memory.3a
  for (;;) {
    const auto peer = next_peer();
    if (!peer) break;
    left_.remove(*peer);
    if (ask(*peer)) return;
  }
  pieces_.request_ended(Error::out_of_memory);
//@ end

//@ answer memory.3b
  std::optional<CoreNumber> best;
  for (CoreNumber i = 1; i < agreement::kMostCores; ++i) {
    const auto core = static_cast<CoreNumber>((self_ + i) % agreement::kMostCores);
    if (!left_.has(core) || !lender_.peers().has(core)) continue;
    if (!best || known_free_[core] > known_free_[*best]) best = core;
  }
  return best;
//@ end

//@ answer memory.3c
  if (!asked_ || tickets_[0] != ticket) return;
  asked_ = std::nullopt;
  for (std::size_t i = 1; i < tickets_.size(); ++i)
    if (tickets_[i] != 0) lender_.abandon(tickets_[i]);
  if (result) {
    pieces_.request_ended({});
  } else {
    ask_next();
  }
//@ end

//@ answer memory.3d
  known_free_[from] = message.free;
  if (asked_ == from && message.ticket == tickets_[0]) lender_.refused(message.ticket, from);
//@ end

//@ answer memory.3e
  known_free_[from] = message.free;
  gifts_[from].ticket = 0;
  const bool is_given = give_own(from, message) || give_borrowed(from, message.ticket_0);
  if (!is_given) lender_.send(from, None{.ticket = message.ticket_0, .free = pieces_.free()});
//@ end

//@ answer memory.3f
  std::array<TicketNumber, Steal::kMostPieces> wanted{};
  std::size_t most = 0;
  for (const TicketNumber ticket : request.tickets())
    if (ticket != 0) wanted[most++] = ticket;
  most = std::min<std::size_t>(most, surplus() / 2 + surplus() % 2);
  std::array<PieceNumber, Steal::kMostPieces> pieces{};
  std::size_t count = 0;
  for (; count < most; ++count) {
    const auto piece = pieces_.take(false);
    if (!piece) break;
    pieces[count] = *piece;
  }
  for (std::size_t i = 1; i < count; ++i)
    if (!lender_.give(pieces[i], to, wanted[i])) pieces_.put_back(pieces[i]);
  if (count == 0) return false;
  if (lender_.give(pieces[0], to, wanted[0])) return true;
  pieces_.put_back(pieces[0]);
  return false;
//@ end

//@ answer memory.4a
  const auto piece = surplus() != 0 ? pieces_.take(true) : std::nullopt;
  if (!piece) return false;
  const CoreNumber by = lender_.source_of(*piece, to);
  const auto given = lender_.give(*piece, to, ticket);
  if (given && by != self_) gifts_[to] = Gift{ticket, by};
  if (!given) pieces_.put_back(*piece);
  return given.ok();
//@ end

//@ answer memory.4b
  bool goes_on = pieces_.free() > limits_.high;
  while (goes_on) {
    const auto piece = pieces_.free() > limits_.low ? pieces_.take(true) : std::nullopt;
    goes_on = piece && lender_.give_back(*piece).ok();
    if (piece && !goes_on) pieces_.put_back(*piece);
  }
//@ end

//@ answer memory.4c
  for (CoreNumber to = 0; to < agreement::kMostCores; ++to) {
    const Gift gift = gifts_[to];
    if (gift.ticket == 0 || gift.source != core) continue;
    gifts_[to] = Gift{};
    if (to != self_ && lender_.peers().has(to))
      lender_.send(to, None{.ticket = gift.ticket, .free = pieces_.free()});
  }
//@ end
