// memory.hh — the part of the monitor for the memory server of its core (memory/server.hh): starts it, hands it the RAM that the monitor
// has not used, and says which processes begin and end. From then on the monitor is a client of it as well.
//
// The server calls no other process, so the monitor may wait for its answers.

#pragma once

#include "lib/memory_requests.hh"
#include "monitor/part.hh"
#include "monitor/processes.hh"

namespace sprat::monitor {

class Lending;
class ProcessBuilder;

class Memory final : public Part {
 public:
  // Both must outlive it.
  Memory(const FirstProcess& process, Processes& processes)
      : process_(process), processes_(processes) {}

  // Starts the server, before all other processes, and hands it RAM. Gives the number of bytes.
  //   not_found   this core has no such file
  //   and the errors of the operations, and of the server
  Result<std::uint64_t> start();

  // `process` is being built, for `parent`, or for the monitor itself if that is null: it gets an endpoint to the server.
  // The errors of the operations, and of the server (memory/server.hh)
  Result<void> begin(const Process& process, const Process* parent, ProcessBuilder& builder);

  // The process of that number, which was at `place`, has ended: its RAM is free again.
  //   ask_monitor   other cores have frames in it: again later
  Result<void> end(std::uint64_t number, std::size_t place);

  // Returns the bytes that `process` and its descendants may still take.
  std::uint64_t left_to(const Process& process) const;

  // Returns the block that the byte at `address` is in, if a process has or had it.
  RamOfProcess find(std::uint64_t address) const;

  // Answers a MemoryOfCoreRequest about this core, which may have come from another one.  not_found: there is no such process
  Result<Words> answer_to(std::uint64_t request, std::uint64_t argument) const;

  // ---- whole pieces, which cores lend each other (lending.hh). not_found: there is no server
  bool has_server() const { return bool(server_); }
  void set_lending(Lending& lending) { lending_ = &lending; }

  // Returns how many are free, and how many of them other cores have lent; without a server none.
  struct FreePieces {
    std::uint64_t all = 0, borrowed = 0;
  };
  FreePieces free_pieces() const;

  // Takes a free piece out of the server's own RAM: RAM goes into `slot`, an empty one. Returns the server's number of it.
  //   out_of_memory
  Result<std::uint32_t> lend(CapAddress slot) const;

  // The piece of that number, of which nothing has been made, is the server's own again, and the capability to it is gone.
  Result<void> returned(std::uint32_t number) const;

  // Gives the server RAM made of `piece`, which another core has lent; `place` is below kPieceSlots and no other piece's.
  Result<void> add(CapRef<Type::ram> piece, std::size_t place) const;

  // Takes it back: all of `piece`, which begins at `address`, is unused.  in_use: a part of it was not free
  Result<void> remove(CapRef<Type::ram> piece, std::uint64_t address) const;

  // Without its memory server this core cannot go on.
  void before_end(const Process& process) override;

  // RAM that processes have from the server does not count as free.
  void count(Census& census) const override;

 private:
  Result<std::uint64_t> hand_over_all();
  Result<std::uint64_t> hand_over(CapAddress region, std::size_t& slot);
  Result<Words> ask_server(MemoryRequest request, std::uint64_t a1 = 0, std::uint64_t a2 = 0,
                           std::uint64_t a3 = 0, std::uint64_t a4 = 0,
                           CapAddress capability = {}) const;
  Result<Words> used_by(const Process& process) const;
  Result<Words> use() const;
  static MemoryClient name_of(std::uint64_t number, std::size_t place);

  const FirstProcess& process_;
  Processes& processes_;
  Cap<Type::endpoint> server_;   // none: there is no server
  Cap<Type::cnode> task_cnode_;  // the server's
  Lending* lending_ = nullptr;
};

}  // namespace sprat::monitor
