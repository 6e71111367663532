// lending.hh — the part of the monitor by which the memory servers of all cores lend each other RAM (memory/stealing.hh), in pieces of
// 2 MiB, as loans (agreement/loans.hh).
//
//   process         server 1        monitor 1                    monitor 0        server 0
//      ├─ allocate ────▶│               │                            │                │
//      │◀ out_of_memory ┤               │                            │                │
//      ├─ more, notification ──────────▶├── steal, tickets 5 to 8 ──▶├─ lend ────────▶│ a free piece
//      │◀─ again ───────────────────────┤                            │◀─ RAM ─────────┤
//      │                │               │◀── lend, tickets 8 to 5 ───┤ out of its window
//      │                │◀───────── add ┤ into its window
//      │◀─ signal ──────────────────────┤
//      ├─ allocate ────▶│
//
// The monitor waits for its server, and the server for nothing. The RAM in which a core began is not lent: it comes back as a whole
// when the core stops. All other cores' pieces are core 0's in the beginning, so one that is their home has it from there.
//
//   piece of core 0's server   a block of it, which the kernel keeps for core 0 while it is lent
//   piece that was borrowed    ram (the monitor's) ── ram (the server's, one of its roots) ── blocks

#pragma once

#include <optional>

#include "memory/stealing.hh"
#include "monitor/late_answers.hh"
#include "monitor/lent_ram.hh"
#include "monitor/memory.hh"

namespace sprat::monitor {

class Lending final : public Part,
                      private Pieces::Server,
                      private memory::Pieces,
                      private memory::Lender,
                      private agreement::ViewObserver {
 public:
  // All must outlive it.
  Lending(Memory& memory, monitor::Pieces& pieces, LentRam& ram, Receptions& receptions,
          agreement::Member& member, agreement::Platform& platform, LateAnswers& late_answers);

  // The server of this core runs, if it has one: pieces are the server's from now on.
  void begin();

  // Blocks of the server have become free: loans go back soon, if there are more than it needs.
  void released() { may_go_back_.set(); }

  LentRam::Counts count_pieces() const { return ram_.counts(); }

  // Bytes that the server may borrow, if there are as many, beside those of LentRam.
  std::uint64_t most_from_others() const {
    return is_core_0() ? 0 : LentRam::kCost.memory * (monitor::Pieces::kMost - LentRam::kMostOwned);
  }

  void prepare() override;
  Result<Answer> handle(Process& caller, const Call& call, ReceiveSlot& received) override;
  void take_line(std::uint32_t from, const urpc::Message<>& line) override;
  void count(Census& census) const override;

 private:
  using CoreNumber = agreement::CoreNumber;
  using PieceNumber = agreement::PieceNumber;
  using TicketNumber = agreement::TicketNumber;
  using Piece = monitor::Pieces::Piece;

  // co_await event: until it is set.
  class Event {
   public:
    void set();
    bool await_ready() const { return is_set_; }
    void await_suspend(std::coroutine_handle<> waiting) { waiter_.coroutine = waiting; }
    void await_resume() {
      is_set_ = false;
      waiter_.coroutine = {};
    }

   private:
    bool is_set_ = false;
    Waiter waiter_;
  };

  struct Awaited {
    TicketNumber ticket = 0;
    CoreNumber core = 0;
    agreement::ViewNumber view = 0;
  };

  bool is_core_0() const { return member_.self() == agreement::kCoordinator; }
  void note_that_it_has_some(CoreNumber core);
  Result<Words> more(const Call& call, ReceiveSlot& received);
  std::optional<PieceNumber> take_own();
  std::optional<PieceNumber> take_loan(bool is_homes);
  Task<> receive();
  Task<> give_loans_back();

  // The server of this core
  Result<std::uint32_t> lend(CapAddress slot) override { return memory_.lend(slot); }
  Result<void> take(Piece& piece) override;

  // memory::Pieces
  std::uint32_t free() const override;
  std::optional<PieceNumber> take(bool is_borrowed) override;
  void put_back(PieceNumber piece) override;
  void request_ended(Result<void> result) override;

  // memory::Lender
  const agreement::CoreSet& peers() const override { return member_.linked(); }
  void send(CoreNumber core, memory::Steal message) override;
  void send(CoreNumber core, memory::None message) override;
  Result<TicketNumber> expect(CoreNumber core) override { return tickets_.expect(core); }
  void abandon(TicketNumber ticket) override { tickets_.abandon(ticket); }
  void await(TicketNumber ticket, CoreNumber core) override;
  void refused(TicketNumber ticket, CoreNumber core) override;
  Result<void> give(PieceNumber piece, CoreNumber to, TicketNumber ticket) override;
  Result<void> give_back(PieceNumber piece) override;
  CoreNumber source_of(PieceNumber piece, CoreNumber to) const override {
    return ram_.loans().source_of(piece, to);
  }
  std::uint32_t free_to_lend() const;

  // ViewObserver
  void prepare(const agreement::Prepare& change) override;
  void commit(const agreement::Commit&) override {}

  Memory& memory_;
  monitor::Pieces& pieces_;
  LentRam& ram_;
  agreement::Tickets& tickets_;
  agreement::Member& member_;
  agreement::Platform& platform_;
  LateAnswers& late_answers_;
  memory::Stealing stealing_;
  Result<void> last_result_ = Error::out_of_memory;
  Awaited awaited_;
  Event is_awaited_, may_go_back_;
  Task<> receiving_, giving_back_;
};

}  // namespace sprat::monitor
