// frame_holder.hh — the frames of other cores of which this core has copies: each has an anchor, a copy that no process can name,
// and goes back to its owner when it is the only one left.
//
// The CPU driver tells the monitor when an anchor has become lonely, and the owner is told once; no process waits for that. Copies
// are swept, which means that all of them are deleted, when the owner revokes the frame or is dead. That takes many bounded steps, and
// all other messages are handled in between: two cores that each revoke frames of which the other has copies would else wait for
// each other.

#pragma once

#include <span>

#include "agreement/member.hh"
#include "agreement/memory.hh"
#include "agreement/tickets.hh"

namespace sprat::agreement {

class FrameHolder final : private ViewObserver {
 public:
  // Revokes of other cores that are answered when copies are swept; if there are more, the sweep is done at once.
  static constexpr std::size_t kMostRevokes = 16;

  // A frame of another core of which this one has copies.
  struct ForeignFrame {
    Frame frame;
    bool is_used = false, is_dying = false;
    CoreNumber owner = 0;
    Stamp stamp = 0;  // of the last copy that was received
  };

  // Room for so many frames; all must outlive this.
  FrameHolder(Member& member, Platform& platform, FrameMemory& memory, Tickets& tickets,
              std::span<ForeignFrame> frames);

  // Sweeps. To be started once on this core; ends only with an error.
  //   out_of_memory   for the coroutine
  Task<> sweep();

  // Has the owner send a copy of the frame at `base` to core `to`, which may be the owner: two messages, or one, and no answer. A
  // process of this core has a copy with at least the rights `rights`. The owner refuses if it revokes the frame.
  //   not_found   this core has no copy
  //   busy        the link with the owner has no room now
  Result<void> send(std::uint64_t base, std::uint8_t rights, CoreNumber to, TicketNumber ticket);

  // The core that owns the frame at `base`: the source of its copies.
  //   not_found       this core has no copy
  Result<CoreNumber> owner_of(std::uint64_t base) const;

  // Whether copies of the frame at `base` can be made on this core: it is not being swept.
  bool may_copy(std::uint64_t base) const;

  // The CPU driver says that the anchor of the frame at `base` is the only copy, or was when it said so: deletes it, if it still is,
  // and tells the owner: one message, and no answer.
  void is_lonely(std::uint64_t base);

  bool is_at_rest() const;

  // From the monitor of another core.
  void handle(CoreNumber from, const Recv& message);
  void handle(CoreNumber from, const Revoke& message);

 private:
  // Of another core, and not answered yet.
  struct PendingRevoke {
    bool is_used = false;
    CoreNumber owner = 0;
    OperationNumber operation = 0;
    Range range;
  };
  class
      NextSweep;  // co_await NextSweep(*this): until there is something to sweep, and once around in any case

  ForeignFrame* find(std::uint64_t base);
  const ForeignFrame* find(std::uint64_t base) const;
  ForeignFrame* find_dying();
  bool has_frames(CoreNumber owner, Range range) const;
  bool begin_sweep(CoreNumber owner, Range range, Error error);
  void sweep_some(ForeignFrame& frame);
  void sweep_all();
  void answer_if_swept();

  void prepare(const Prepare& change) override;
  void commit(const Commit&) override {}

  Member& member_;
  Platform& platform_;
  FrameMemory& memory_;
  Tickets& tickets_;
  std::span<ForeignFrame> frames_;
  std::array<PendingRevoke, kMostRevokes> revokes_{};
  std::optional<CoreNumber> dead_;  // whose frames are swept before this core has prepared
  bool is_started_ = false;
  Waiter sweeper_;
};

}  // namespace sprat::agreement
