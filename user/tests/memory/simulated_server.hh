// simulated_server.hh — a memory server on a core of a simulated system (tests/agreement/simulated_system.hh): the buddy system and
// the stealing that boot, and pieces that travel as loans.

#pragma once

#include "memory/buddy.hh"
#include "memory/stealing.hh"
#include "tests/agreement/fates.hh"

namespace sprat::test {

using namespace memory;

class SimulatedServer final : public Extension,
                              private Pieces,
                              private Lender,
                              private BlockMemory,
                              private ViewObserver {
 public:
  SimulatedServer(Incarnation& self, Stealing::Limits limits);

  // ---- for clients
  Result<Block*> allocate(unsigned bits) { return buddy_.allocate(bits, clients_); }
  void release(Block& block);
  void want() { stealing_.want(); }
  std::size_t requests_ended() const { return requests_ended_; }
  Result<void> last_result() const { return last_result_; }
  bool is_asking() const { return stealing_.is_asking(); }

  // Whether the buddy system has `piece`.
  bool has(PieceNumber piece) const { return roots_[piece].capability != CapAddress(); }

  // All bytes of all pieces are free or used.
  bool is_complete() const;

  std::uint32_t free() const override { return static_cast<std::uint32_t>(buddy_.pieces_free()); }
  std::uint64_t bytes_used() const { return clients_.bytes; }
  Block* any_block() const { return clients_.blocks.first(); }

  // ---- for its core
  void handle(CoreNumber core, const urpc::Message<>& line) override;
  void entered(PieceNumber piece) override;
  bool take_out(PieceNumber piece) override;

 private:
  static constexpr std::size_t kRecords = 64;

  std::optional<PieceNumber> take(bool is_borrowed) override;
  void put_back(PieceNumber piece) override { entered(piece); }
  void request_ended(Result<void> result) override;

  const CoreSet& peers() const override;
  void send(CoreNumber core, Steal message) override;
  void send(CoreNumber core, None message) override;
  Result<TicketNumber> expect(CoreNumber core) override;
  void abandon(TicketNumber ticket) override;
  void await(TicketNumber ticket, CoreNumber core) override;
  void refused(TicketNumber ticket, CoreNumber core) override;
  Result<void> give(PieceNumber piece, CoreNumber to, TicketNumber ticket) override;
  Result<void> give_back(PieceNumber piece) override;
  CoreNumber source_of(PieceNumber piece, CoreNumber to) const override;

  Result<void> split(const Block&, const Halves&) override { return {}; }
  void merge(const Block&, const Halves&) override {}

  void prepare(const Prepare& change) override;
  void commit(const Commit&) override {}

  Incarnation& self_;
  Stealing stealing_;
  std::vector<Halves> records_;
  std::vector<Block> roots_;  // by piece
  Reserve reserve_;
  Buddy buddy_{*this, reserve_};
  Owner clients_, transit_;
  std::size_t requests_ended_ = 0;
  Result<void> last_result_;
};

inline SimulatedServer& server_of(Incarnation& core) {
  return static_cast<SimulatedServer&>(*core.extension);
}

// Servers with these limits, and so much RAM.
inline Extensions with_servers(std::size_t pieces, Stealing::Limits limits = {}) {
  return {.make = [limits](Incarnation& self) -> std::unique_ptr<Extension> {
            return std::make_unique<SimulatedServer>(self, limits);
          },
          .pieces = pieces};
}

}  // namespace sprat::test
