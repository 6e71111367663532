// pieces.hh — RAM in pieces of 2 MiB, as the protocol for loans sees the memory of this core (agreement/memory.hh): carried out by the CPU
// driver. The monitor has a capability to each piece, and the process that holds the piece has one that is made of it:
//
//   piece here, held by a process    ram (the monitor's, 2 MiB) ── ram (the process's, the same 2 MiB) ── all that it makes
//   piece here, held by none         ram
//   piece lent to another core       an empty slot, which waits for it
//
// So all that was made of a piece can be revoked, whatever the process does, and a piece that travels is unused.

#pragma once

#include "agreement/memory.hh"
#include "monitor/receptions.hh"

namespace sprat::monitor {

class Pieces final : public agreement::RamMemory {
 public:
  static constexpr std::size_t kMost = 64;  // of the CPU driver's that can be lent (cap::kMostLent)

  struct Piece {
    agreement::PieceNumber number = 0;  // 0: the entry is free
    Cap<Type::ram> ram;
    bool is_here = false;
    bool is_being_vacated = false;
    bool is_wanted_back = false;  // by its owner, or because its owner has ended
    bool has_come = false;        // here, for no process
    std::uint64_t holder = 0;     // process of this core that has a capability to it
    std::uint64_t owner = 0;      // process of this core that took it from the system
    Charge charge;  // in the owner's account; else in that of the process that received it first
    Task<> coming_back;
    //@ since memory
    std::uint32_t block = 0;     // on core 0: the server's number of it
    bool is_for_server = false;  // it has come for the server of this core
    //@ end

    bool is_unused() const { return number != 0 && is_here && holder == 0 && !is_being_vacated; }
  };

  explicit Pieces(Receptions& receptions) : receptions_(receptions) {}
  //@ since memory

  // The memory server of this core, whose process holds pieces (kServerNumber), or has lent them.
  class Server {
   public:
    // On core 0: takes out a free piece, sets its number `block`, and gives RAM of it into `slot`, which is empty.  out_of_memory
    virtual Result<std::uint32_t> lend(CapAddress slot) = 0;

    // The server has the unused `piece` from now on; on core 0, its entry is free. With an error nothing has changed.
    virtual Result<void> take(Piece& piece) = 0;

   protected:
    ~Server() = default;
  };
  void set_server(Server& server) { server_ = &server; }

  // Gives it the unused `piece` if it is the server's: on core 0, or because it has come for it. Returns whether it has it.
  bool give_to_server(Piece& piece, bool is_core_0) {
    const bool is_its = server_ != nullptr && (is_core_0 || piece.is_for_server);
    return is_its && server_->take(piece);
  }
  std::size_t index_of(const Piece& piece) const {
    return static_cast<std::size_t>(&piece - list_.data());
  }
  //@ end

  // Takes the one slot that it needs. Once, before all else.  out_of_memory
  Result<void> prepare();

  // Makes one more piece of this core's RAM.  out_of_memory
  Result<Piece*> make();

  std::span<Piece> all() { return list_; }
  // Returns the entry of a piece, or null.
  Piece* find(agreement::PieceNumber number);
  void forget(Piece& piece) { piece = Piece(); }

  // The process of this core that holds the RAM at `address`, or 0; and whether all that was made of it is being revoked.
  std::uint64_t holder_of(std::uint64_t address) const;
  bool is_being_vacated(std::uint64_t address) const;

  // Takes the piece in `slot` of its holder `process`: it is unused then.
  //   no_capability   there is none       no_rights   it is no piece, or a part of one
  //   in_use          something is made of it
  Result<Piece*> take_from(const Process& process, CapAddress slot);

  // Gives the unused `piece` to `process`, into `slot`.  no_capability, slot_in_use
  Result<void> give_to(Piece& piece, const Process& process, CapAddress slot);

  // The same, to the process that waits for `ticket`.
  Result<void> give_to(Piece& piece, agreement::TicketNumber ticket);

  // co_await changed(): until a piece must be looked at.
  auto changed() {
    struct Changed {
      Pieces& pieces;
      bool await_ready() const { return pieces.has_changed_; }
      void await_suspend(std::coroutine_handle<> waiting) { pieces.waiter_.coroutine = waiting; }
      void await_resume() const {
        pieces.has_changed_ = false;
        pieces.waiter_.coroutine = {};
      }
    };
    return Changed{*this};
  }
  void change();

  // ---- for the protocol
  Result<void> leave(agreement::PieceNumber piece) override;
  Result<void> enter(agreement::PieceNumber piece, agreement::TicketNumber ticket) override;
  void vacate(agreement::PieceNumber piece) override;

 private:
  const Piece* at(std::uint64_t address) const;
  Result<Piece*> add(agreement::PieceNumber number);
  Result<Cap<Type::ram>> make_ram(Piece& piece) const;

  Receptions& receptions_;
  CapAddress spare_;  // where capabilities are made for processes, and come from them
  bool has_changed_ = false;
  Waiter waiter_;
  std::array<Piece, kMost> list_{};
  //@ since memory
  Server* server_ = nullptr;
  //@ end
};

}  // namespace sprat::monitor
