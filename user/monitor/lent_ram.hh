// lent_ram.hh — the part of the monitor by which RAM travels between processes of all cores (lib/ram_requests.hh), in pieces of 2 MiB:
// the protocol for loans (agreement/loans.hh) on the pieces of this core (pieces.hh).
//
//   process A, core 1    monitor 1                   monitor 0
//      ├─ take ────────────▶├── want, ticket 64 ───────▶│ makes a piece, or has one that came back
//      │                    │◀─────────────── lend ─────┤
//      │                    │ into the window; a capability into the slot of the ticket
//      │◀─ doorbell ────────┤
//                                                    monitor 2                    process B, core 2
//      │◀────────────────── "send it for ticket 69" ──── channel ────────────────────┤
//      ├─ send, slot ──────▶│ out of the window         │
//      │                    ├── lend ──────────────────▶│ into the window ───────────▶│
//
// A owns the piece, and monitor 1 is its home; B holds it. When B gives it back, or ends, it goes home, where it waits for A. All that
// was made of a piece is revoked before it leaves, on other cores as well: by one task, which never waits for another core's loans.

#pragma once

#include "agreement/loans.hh"
#include "lib/ram_requests.hh"
#include "monitor/frames.hh"
#include "monitor/pieces.hh"

namespace sprat::monitor {

class LentRam final : public Part {
 public:
  // The cost of a piece for its owner.
  static constexpr Quota kCost{.processes = 0,
                               .memory = std::uint64_t{1} << agreement::kPieceBits,
                               .channels = 0,
                               .slots = 1};

  // On all cores but core 0: pieces that processes of this core own, all together.
  static constexpr std::uint64_t kMostOwned = 16;

  // All must outlive it. `coordinator`: on core 0, else null.
  LentRam(const FirstProcess& process, Processes& processes, Broker& broker, Pieces& pieces,
          Receptions& receptions, Frames& frames, agreement::Member& member,
          agreement::Platform& platform, const agreement::Coordinator* coordinator);

  void prepare() override;
  Quota quota() const override;
  Result<Answer> handle(Process& caller, const Call& call, ReceiveSlot& received) override;
  Result<Words> handle_for_core(const Call& call, ReceiveSlot& received) override;
  bool needs(std::uint32_t core) const override;
  void core_ended(std::uint32_t core) override;
  void before_end(const Process& process) override;
  void count(Census& census) const override;

  // Bytes of core 0's RAM that processes of this core may have, if there are as many.
  std::uint64_t most_from_others() const { return is_core_0() ? 0 : kCost.memory * kMostOwned; }

  // On core 0: core `core` has been stopped before it was in a view.
  void never_joined(agreement::CoreNumber core) { loans_.never_joined(core); }

  // Entries of pieces that have left for their lenders are free.
  void forget_returned();

  // On core 0: makes one more piece, which no core and no process has.  out_of_memory
  Result<Pieces::Piece*> new_piece();

  //@ since memory
  // ---- for the memory server of this core (lending.hh)
  agreement::Loans& loans() { return loans_; }

  // Pieces that no process has are the server's, or go home, at once.
  void look_for_free_pieces();

  // Returns how many pieces this core has lent, and how many it has borrowed; it may have lent them again.
  struct Counts {
    std::uint16_t lent = 0, borrowed = 0;
  };
  Counts counts() const;

  //@ end
  // A line was posted to another monitor: counts it if it is about RAM.
  void posted(const urpc::Message<>& line);

  // From the monitor of another core.
  template <class Body>
    requires requires(agreement::Loans& loans, const Body& body) { loans.handle(0, body); }
  void handle(agreement::CoreNumber from, const Body& body) {
    loans_.handle(from, body);
    forget_returned();
    pieces_.change();
  }
  void handle(agreement::CoreNumber from, const agreement::Want& want);

 private:
  using Piece = Pieces::Piece;

  bool is_core_0() const { return member_.self() == agreement::kCoordinator; }

  Result<Words> take(Process& caller, CapAddress slot);
  Result<Words> give_back(const Process& caller, CapAddress slot);
  Result<Words> send(const Process& caller, const Call& call);
  Result<Words> take_back(const Process& caller, std::uint64_t base, CapAddress slot);
  Words count_pieces() const;
  Result<Words> nth(std::uint64_t n) const;

  Result<Piece*> unused_piece();
  Result<void> grant(agreement::CoreNumber to, agreement::TicketNumber ticket);
  void is_free(Piece& piece);

  Task<> tend();
  Task<> vacate(Piece& piece);
  Task<> bring_back(Piece& piece);

  const FirstProcess& process_;
  Processes& processes_;
  Broker& broker_;
  Pieces& pieces_;
  Receptions& receptions_;
  agreement::FrameOwner& frames_;
  agreement::Member& member_;
  agreement::Platform& platform_;
  std::array<agreement::Loans::Piece, Pieces::kMost> records_{};
  agreement::Loans loans_;
  std::uint64_t lines_posted_ = 0;
  Task<> tending_;
};

}  // namespace sprat::monitor
