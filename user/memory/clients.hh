// clients.hh — the processes of this core that have RAM, and the bytes that each may have.
//
// Limits form a tree, that of parents and children: a process and all its descendants together have no more than its limit. The monitor is
// the root, without a limit; it tells the server of each process that begins and of each that has ended.

#pragma once

#include <algorithm>

#include "lib/memory_requests.hh"
#include "memory/block.hh"

namespace sprat::memory {

struct Client : Owner {
  std::uint64_t number = 0;  // of the process
  bool is_here = false;
  Client* parent = nullptr;
  std::uint64_t limit = 0;
  std::uint64_t taken = 0;  // by itself and its descendants
  CapAddress task_cnode;    // a capability to it
};

class Clients {
 public:
  // Returns the client of that badge; null: it has ended, or has not begun.
  Client* find(MemoryClient name) {
    if (name.place >= clients_.size()) return nullptr;
    Client& client = clients_[name.place];
    return client.is_here && client.number == name.number ? &client : nullptr;
  }

  // `name` begins, as a child of `parent`, or of none if that is its own name. `spent` bytes of the limit are the monitor's,
  // which has spent them on the client. Returns its record.
  //   in_use             a client is at its place
  //   invalid_argument   there is no such place, or no such parent
  //   quota_exceeded     `spent` is more than the limit, or than the parent may still take
  Result<Client*> begin(MemoryClient name, MemoryClient parent, std::uint64_t limit,
                        std::uint64_t spent) {
    //@ lab memory.2d: static_cast<void>(name), static_cast<void>(parent), static_cast<void>(limit), static_cast<void>(spent); return Error::not_implemented;
    if (name.place >= clients_.size()) return Error::invalid_argument;
    Client& client = clients_[name.place];
    if (client.is_here) return Error::in_use;
    Client* const above = name == parent ? nullptr : find(parent);
    if (above == nullptr && name != parent) return Error::invalid_argument;
    client.number = name.number;
    client.parent = above;
    client.limit = limit;
    client.taken = 0;
    if (spent > left(client)) return Error::quota_exceeded;
    client.is_here = true;
    take(client, spent);
    return &client;
    //@ end
  }

  // `client`, which has no blocks, has ended. Its children are its parent's now, and count in its limit as before.
  void end(Client& client) {
    //@ lab memory.2e: static_cast<void>(client);
    std::uint64_t of_children = 0;
    for (const Client& other : clients_)
      if (other.is_here && other.parent == &client) of_children += other.taken;
    give_back(client, client.taken - of_children);
    for (Client& other : clients_)
      if (other.parent == &client) other.parent = client.parent;
    client.is_here = false;
    //@ end
  }

  // Returns the bytes that `client` may still take.
  static std::uint64_t left(const Client& client) {
    //@ lab memory.2f: static_cast<void>(client); return 0;
    std::uint64_t least = client.limit - client.taken;
    for (const Client* above = client.parent; above != nullptr; above = above->parent)
      least = std::min(least, above->limit - above->taken);
    return least;
    //@ end
  }

  // `client` takes `bytes`, no more than left(), or gives them back.
  static void take(Client& client, std::uint64_t bytes) {
    for (Client* one = &client; one != nullptr; one = one->parent) one->taken += bytes;
  }
  static void give_back(Client& client, std::uint64_t bytes) {
    for (Client* one = &client; one != nullptr; one = one->parent) one->taken -= bytes;
  }

  // Returns the bytes that all clients have.
  std::uint64_t bytes() const {
    std::uint64_t sum = 0;
    for (const Client& client : clients_) sum += client.bytes;
    return sum;
  }

  MemoryClient name_of(const Client& client) const {
    return {client.number, static_cast<std::uint64_t>(&client - clients_.data())};
  }

 private:
  std::array<Client, kMostMemoryClients> clients_{};
};

}  // namespace sprat::memory
