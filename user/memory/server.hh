// server.hh — the memory server of a core: it has all RAM but the monitor's own, and gives blocks of it to processes.
//
//   client                              server                                client's slot
//      ├─ allocate 16, slot 192 ─────────▶│ a free block of 64 KiB
//      │                                  ├─ retype: RAM, made of the block ─────▶│
//      │◀─────────────── number of block ─┤
//      ⋮
//      ├─ give_back, number ─────────────▶│ revokes the block: all that was made of it is deleted
//
// The server keeps the capability to each block, so it takes back whatever a dead client had. It answers in place (lib/lrpc.hh),
// uses memory that is mapped from the beginning, and calls no other process: the monitor may wait for it.

#pragma once

#include "lib/lrpc.hh"
#include "memory/clients.hh"
#include "memory/records.hh"

namespace sprat::memory {

class Server final : private BlockMemory {
 public:
  // Makes ready for calls.  The errors of the operations
  Result<void> prepare();

  // Handles a call; returns the words of the answer, behind the status (lib/memory_requests.hh).
  //   no_rights          the request is the monitor's alone
  //   quota_exceeded     the client would have more than its limit
  //   not_found          there is no such client
  //   invalid_argument   there is no such request, size, slot or block of the client's
  //   out_of_memory      no free block is as large, beside what is kept for the monitor
  //   slot_in_use        of the client's slot
  //   in_use             a part of the piece is not free
  //   ask_monitor        other cores have frames in the block
  Result<Words> handle(const Call& call);

 private:
  Result<Words> answer_to(const Call& call);
  Result<Words> handle_for(Client& client, MemoryRequest request, const Words& words);
  Result<Words> handle_for_monitor(MemoryRequest request, const Call& call);
  Result<Words> allocate(Client& client, std::uint64_t most, std::uint64_t least,
                         std::uint64_t slot);
  Result<Words> give_back(Client& client, std::uint64_t number);
  Result<Words> add(std::uint64_t slot, bool is_borrowed);
  std::uint64_t bytes_for(const Client& client) const;
  Result<Words> begin(const Words& words, CapAddress task_cnode);
  Result<Words> end(MemoryClient name);
  Result<Words> owner_of(std::uint64_t address);
  Result<Words> use() const;
  Words pieces() const;
  Result<Words> lend(std::uint64_t slot);
  Result<Words> returned(std::uint64_t number);
  Result<Words> remove_loan(std::uint64_t address);

  Result<void> take_back(Client& client, Block& block);

  Result<void> split(const Block& block, const Halves& halves) override;
  void merge(const Block& block, const Halves& halves) override;

  Reserve reserve_;
  Buddy buddy_{*this, reserve_};
  Records records_;
  Clients clients_;
  Owner lent_;               // pieces that other cores have
  CapAddress received_;      // the slot for a client's task CNode
  std::uint64_t bytes_ = 0;  // without the pieces that it has lent
};

}  // namespace sprat::memory
