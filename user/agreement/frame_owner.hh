// frame_owner.hh — the frames that this core has made and other cores have copies of: one phase is enough to revoke them.
//
// The owner sends all copies itself; a holder, a core with copies, that wants to pass one on asks the owner. A link keeps the order
// of its lines, so each copy is there before a later Revoke, and nothing else has to be agreed on:
//
//   holder 1                    owner                       holder 2
//      ├── copy to 2 ──────────▶│
//      │                        ├── recv, stamp 8 ─────────▶│
//      │                        │ revokes: from now on it sends no copy
//      │◀── revoke ─────────────┼── revoke ────────────────▶│
//      │ deletes its copies     │                           │ deletes its copies
//      ├── gone ───────────────▶│◀──────────────── gone ────┤
//      │                        │ the memory can be used again
//
// If holder 1 sent the copy itself, holder 2 could answer `gone` and receive the copy then.
//
// The owner counts the copies that it sends, and each carries that number as a stamp. A holder whose last copy is deleted says so
// with the stamp that it has received last, so the owner knows that no later copy is on its way there. A dead core has no
// copies. (model/copies.pml, model/restart.pml)

#pragma once

#include <span>

#include "agreement/member.hh"
#include "agreement/memory.hh"
#include "agreement/range_operation.hh"
#include "agreement/tickets.hh"

namespace sprat::agreement {

class FrameOwner final : private ViewObserver {
 public:
  // Revokes of this core in progress.
  static constexpr std::size_t kMostOperations = 4;

  // That core `core` may have copies of a frame: one for each core of each frame.
  struct Holding {
    Links links{};
    CoreNumber core = 0;
    Stamp stamp = 0;  // of the last copy that it was sent
  };

  // A frame of this core of which others may have copies.
  struct SharedFrame {
    Frame frame;
    bool is_used = false;
    List<Holding, offsetof(Holding, links)> holdings;
  };

  // Room for so many frames and holdings; all must outlive this.
  FrameOwner(Member& member, Platform& platform, FrameMemory& memory, Tickets& tickets,
             std::span<SharedFrame> frames, std::span<Holding> holdings);

  // Sends a copy of `frame`, this core's, to core `to`: one message, and no answer.
  //   invalid_argument   `to` is this core
  //   no_capability      the frame is being revoked
  //   peer_gone          core `to` is not in the system
  //   busy               the link has no room now
  //   out_of_memory      for one more frame or holding, here or in FrameMemory
  Result<void> send(const Frame& frame, CoreNumber to, TicketNumber ticket);

  // Deletes all copies on other cores of this core's frames in `range`, and sends none until it ends: 2 k messages and two hops, if
  // k other cores have copies of any of them; none, if no core has. The caller deletes the copies on this core before it ends.
  // It goes on if the task is destroyed.
  //   busy            kMostOperations are in progress
  //   out_of_memory   for the coroutine
  Task<> revoke(Range range);

  // Whether the frame at `base` is being revoked: it must not be copied on this core.
  bool is_being_revoked(std::uint64_t base) const;

  // Whether core `core` may have copies of the frame at `base`, as far as this one knows.
  bool may_be_held(std::uint64_t base, CoreNumber core) const;

  bool is_at_rest() const;

  // From the monitor of another core.
  void handle(CoreNumber from, const agreement::Copy& message);
  void handle(CoreNumber from, const Dropped& message);
  void handle(CoreNumber from, const Gone& message);

 private:
  struct Operation : RangeOperation {
    OperationNumber number = 0;
    CoreSet missing;  // cores that are not rid of their copies yet
  };

  SharedFrame* find(std::uint64_t base);
  const SharedFrame* find(std::uint64_t base) const;
  SharedFrame* find_or_add(const Frame& frame);
  static Holding* holding_of(const SharedFrame& frame, CoreNumber core);
  Holding* find_or_add(SharedFrame& frame, CoreNumber core);
  void remove(SharedFrame& frame, CoreNumber core);
  void release_if_unshared(SharedFrame& frame);
  Result<void> post_copy(const Frame& frame, CoreNumber to, TicketNumber ticket, CoreNumber asker);
  void refuse(CoreNumber to, TicketNumber ticket, CoreNumber asker, Error error);
  void go_on(Operation& operation);

  void prepare(const Prepare& change) override;
  void commit(const Commit&) override {}

  Member& member_;
  Platform& platform_;
  FrameMemory& memory_;
  Tickets& tickets_;
  Stamp last_stamp_ = 0;
  OperationNumber last_number_ = 0;
  std::span<SharedFrame> frames_;
  List<Holding, offsetof(Holding, links)> unused_;
  std::array<Operation, kMostOperations> operations_{};
};

}  // namespace sprat::agreement
