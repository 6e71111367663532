// server.cc — one request after the other.

#include "memory/server.hh"

#include <algorithm>
#include <bit>
#include <cstring>

#include "lib/caps.hh"
#include "lib/runtime.hh"

namespace sprat::memory {
namespace {

// Processes leave so much for the monitor, which may need it to get pieces from other cores, and for records of blocks.
constexpr std::uint64_t kKeptBytes = 512 << 10;

}  // namespace

Result<void> Server::prepare() {
  TRY(records_.prepare(runtime().ram, reserve_));
  received_ = TRY(take_slot());
  receive_into(received_);
  return {};
}

// Records are refilled behind the request's own work, which never waits for it.
Result<Words> Server::handle(const Call& call) {
  const auto answer = answer_to(call);
  records_.refill(buddy_, reserve_);
  if (call.capability == received_) static_cast<void>(remove(received_));  // it is not wanted
  return answer;
}

Result<Words> Server::answer_to(const Call& call) {
  const auto request = static_cast<MemoryRequest>(call.words[0]);
  const MemoryClient name = MemoryClient::of(call.badge);
  if (request >= MemoryRequest::add)
    return name == MemoryClient() ? handle_for_monitor(request, call) : Error::no_rights;
  Client* const client = clients_.find(name);
  if (client == nullptr) return Error::not_found;
  return handle_for(*client, request, call.words);
}

Result<Words> Server::handle_for(Client& client, MemoryRequest request, const Words& words) {
  switch (request) {
    case MemoryRequest::allocate: return allocate(client, words[1], words[2], words[3]);
    case MemoryRequest::give_back: return give_back(client, words[1]);
    default: return Words{Clients::left(client)};
  }
}

Result<Words> Server::handle_for_monitor(MemoryRequest request, const Call& call) {
  const Words& words = call.words;
  switch (request) {
    case MemoryRequest::add: return add(words[1], words[2] != 0);
    case MemoryRequest::begin: return begin(words, call.capability);
    case MemoryRequest::end: return end(MemoryClient::of(words[1]));
    case MemoryRequest::owner: return owner_of(words[1]);
    case MemoryRequest::use: return use();
    case MemoryRequest::used_by: {
      const Client* const client = clients_.find(MemoryClient::of(words[1]));
      if (client == nullptr) return Error::not_found;
      return Words{client->bytes, Clients::left(*client), clients_.bytes()};
    }
    case MemoryRequest::pieces: return pieces();
    case MemoryRequest::lend: return lend(words[1]);
    case MemoryRequest::returned: return returned(words[1]);
    case MemoryRequest::remove: return remove_loan(words[1]);
    default: return Error::invalid_argument;
  }
}

// ---- for a client

// Returns how many of the free bytes the client may have.
std::uint64_t Server::bytes_for(const Client& client) const {
  const std::uint64_t free = buddy_.bytes_free();
  if (clients_.name_of(client) == MemoryClient()) return free;
  return free > kKeptBytes ? free - kKeptBytes : 0;
}

Result<Words> Server::allocate(Client& client, std::uint64_t most, std::uint64_t least,
                               std::uint64_t slot) {
  if (least < kLeastBits || most < least || most > kMostBits) return Error::invalid_argument;
  if (slot < kFirstRamSlot || slot - kFirstRamSlot >= kRamSlots) return Error::invalid_argument;
  const std::uint64_t left = Clients::left(client);
  if (std::uint64_t{1} << least > left) return Error::quota_exceeded;
  const std::uint64_t free = bytes_for(client);
  if (std::uint64_t{1} << least > free) return Error::out_of_memory;
  const unsigned largest = std::max(buddy_.largest_free(), static_cast<unsigned>(least));
  const auto size = std::min({static_cast<unsigned>(most), largest,
                              static_cast<unsigned>(std::bit_width(std::min(left, free))) - 1});
  Block& block = *TRY(buddy_.allocate(size, client));
  const auto made = retype_into(client.task_cnode, slot, block.capability, Type::ram, size);
  if (!made) {
    buddy_.release(block);
    return made.error();
  }
  Clients::take(client, block.bytes());
  return Words{records_.number_of(block), size};
}

Result<Words> Server::give_back(Client& client, std::uint64_t number) {
  Block* const block = records_.find(number);
  const bool is_its = block != nullptr && block->state == Block::State::used;
  if (!is_its || block->owner != &client) return Error::invalid_argument;
  TRY(take_back(client, *block));
  return Words{buddy_.free_loan() != nullptr ? 1u : 0u};
}

Result<void> Server::take_back(Client& client, Block& block) {
  TRY(revoke(block.capability));
  Clients::give_back(client, block.bytes());
  buddy_.release(block);
  return {};
}

// ---- for the monitor

Result<Words> Server::add(std::uint64_t slot, bool is_borrowed) {
  const CapAddress capability(kTaskNode, slot);
  const auto identity = TRY(identify(capability));
  if (identity.description.type != Type::ram) return Error::wrong_type;
  Block& root = *TRY(records_.add_root());
  const auto bits = static_cast<unsigned>(std::bit_width(identity.bytes) - 1);
  TRY(buddy_.add(root, identity.base, bits, capability, is_borrowed));
  bytes_ += root.bytes();
  return Words{};
}

Result<Words> Server::begin(const Words& words, CapAddress task_cnode) {
  if (task_cnode != received_) return Error::no_capability;
  Client& client = *TRY(
      clients_.begin(MemoryClient::of(words[1]), MemoryClient::of(words[2]), words[3], words[4]));
  const auto next = take_slot();
  if (!next) {
    clients_.end(client);
    static_cast<void>(remove(received_));
    return next.error();
  }
  client.task_cnode = std::exchange(received_, next.value());
  receive_into(received_);
  return Words{};
}

// Blocks of which other cores have frames stay the client's.
Result<Words> Server::end(MemoryClient name) {
  Client* const client = clients_.find(name);
  if (client == nullptr) return Words{};
  Result<void> taken;
  const Block* kept = nullptr;
  for (Block* block = client->blocks.first(); block != nullptr && block != kept;
       block = client->blocks.first()) {
    if (const auto done = take_back(*client, *block); !done) {
      taken = done;
      if (kept == nullptr) kept = block;
      client->blocks.rotate();
    }
  }
  TRY(taken);
  static_cast<void>(remove(client->task_cnode));  // if it has not gone with its process
  give_back_slot(client->task_cnode);
  clients_.end(*client);
  return Words{};
}

Result<Words> Server::owner_of(std::uint64_t address) {
  const Block* block = records_.root_of(address);
  while (block != nullptr && block->state == Block::State::split) {
    const Halves& halves = *block->halves;
    block = address < halves.high.base ? &halves.low : &halves.high;
  }
  const bool is_used = block != nullptr && block->state == Block::State::used;
  if (!is_used || records_.owns(*block) || block->owner == &lent_) return Error::not_found;
  const auto* const client = static_cast<const Client*>(block->owner);
  return Words{clients_.name_of(*client).raw(), block->base, block->bytes()};
}

Result<Words> Server::use() const {
  MemoryUse use;
  const Buddy::Counts& counts = buddy_.free_by_bits();
  for (unsigned bits = kLeastBlockBits; bits < kMostBlockBits; ++bits)
    use.free_blocks[bits - kLeastBlockBits] = static_cast<std::uint16_t>(counts[bits]);
  use.free_blocks.back() = static_cast<std::uint16_t>(buddy_.pieces_free());
  use.all_kib = static_cast<std::uint32_t>(bytes_ >> 10);
  use.free_kib = static_cast<std::uint32_t>(buddy_.bytes_free() >> 10);
  Words words{};
  std::memcpy(words.data(), &use, sizeof(use));
  return words;
}

// ---- pieces

Words Server::pieces() const { return {buddy_.pieces_free(), buddy_.loans_free()}; }

Result<Words> Server::lend(std::uint64_t slot) {
  const Client* const monitor = clients_.find(MemoryClient());
  if (monitor == nullptr) return Error::not_found;
  Block& piece = *TRY(buddy_.allocate(kPieceBits, lent_));
  const auto made = piece.is_borrowed ? Result<void>(Error::out_of_memory)
                                      : retype_into(monitor->task_cnode, slot, piece.capability,
                                                    Type::ram, kPieceBits);
  if (!made) {
    buddy_.release(piece);
    return made.error();
  }
  bytes_ -= piece.bytes();
  return Words{records_.number_of(piece), piece.base};
}

Result<Words> Server::returned(std::uint64_t number) {
  Block* const piece = records_.find(number);
  const bool is_lent = piece != nullptr && piece->state == Block::State::used;
  if (!is_lent || piece->owner != &lent_) return Error::invalid_argument;
  TRY(revoke(piece->capability));
  bytes_ += piece->bytes();
  buddy_.release(*piece);
  return Words{};
}

// The monitor deletes the capability, which is made of its own one.
Result<Words> Server::remove_loan(std::uint64_t address) {
  Block* const piece = records_.root_of(address);
  if (piece == nullptr || !piece->is_borrowed) return Error::not_found;
  TRY(buddy_.remove(*piece));
  records_.remove_root(*piece);
  bytes_ -= piece->bytes();
  return Words{};
}

// ---- for the buddy system

Result<void> Server::split(const Block& block, const Halves& halves) {
  const Place place = place_of(halves.low.capability);
  return retype_into(place.cnode, place.slot, block.capability, Type::ram, block.bits - 1u, 2);
}

void Server::merge(const Block&, const Halves& halves) {
  static_cast<void>(remove(halves.low.capability));
  static_cast<void>(remove(halves.high.capability));
}

}  // namespace sprat::memory
