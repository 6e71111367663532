// frames.hh — the part of the monitor by which frames travel between processes of all cores (lib/frame_requests.hh): the owner
// of each frame, the holders of copies, and revokes (agreement/frame_owner.hh, frame_holder.hh, tickets.hh).
//
//   receiver            its monitor                sender's monitor            sender
//      ├─ expect ──────────▶│ ticket 64+5
//      ├─ "send it for ticket 69" ───────────────────────── channel ───────────▶│
//      │                    │                          │◀──────── send, slot ───┤
//      │                    │◀───────────── recv ──────┤ fetches a copy from that slot
//      │ puts a copy into the slot of the ticket       │
//      │◀──────── doorbell ─┤                          │
//      │◀──────────────── "it comes from there" ─────────── channel ────────────┤
//      ├─ receive ─────────▶│
//
// On one core it is the same, without a message between monitors.
//
// Only memory that a process has made into a frame itself travels, and that process may revoke it. When it ends, its RAM is not used
// again before all frames in it are revoked. Each frame that others have counts in the account of the process that owns it, and each that
// came from another core in the account of the process that received it first (receptions.hh): for a slot of the monitor's.

#pragma once

#include "agreement/frame_holder.hh"
#include "agreement/frame_owner.hh"
#include "lib/frame_requests.hh"
#include "monitor/broker.hh"
#include "monitor/part.hh"
#include "monitor/shared_frames.hh"

namespace sprat::monitor {

class Frames final : public Part {
 public:
  // All must outlive it.
  Frames(Processes& processes, Broker& broker, const Pieces& pieces, Receptions& receptions,
         agreement::Member& member, agreement::Platform& platform);

  void prepare() override;
  Result<Answer> handle(Process& caller, const Call& call, ReceiveSlot& received) override;
  Result<Words> handle_for_core(const Call& call, ReceiveSlot& received) override;
  bool needs(std::uint32_t core) const override;
  void before_end(const Process& process) override;

  // For RAM of which frames have been made.
  agreement::FrameOwner& owner() { return owner_; }

  // A line was posted to another monitor: counts it if it is about frames.
  void posted(const urpc::Message<>& line);

  // From the monitor of another core.
  template <class Body>
    requires requires(agreement::FrameOwner& owner, const Body& body) { owner.handle(0, body); }
  void handle(agreement::CoreNumber from, const Body& body) {
    owner_.handle(from, body);
  }
  template <class Body>
    requires requires(agreement::FrameHolder& holder, const Body& body) { holder.handle(0, body); }
  void handle(agreement::CoreNumber from, const Body& body) {
    holder_.handle(from, body);
  }
  void handle(agreement::CoreNumber from, const agreement::Refused& body) {
    tickets_.handle(from, body);
  }

 private:
  // A revoke by the process at that place: other cores have no frame of the range when it is over.
  struct Revocation {
    enum class State : std::uint8_t { none, in_progress, over, failed };
    State state = State::none;
    agreement::Range range;
    Error error{};
    Task<> task;
  };

  class LeftOver;

  Result<Words> send(Process& caller, const Call& call);
  Result<void> send_here(const agreement::Frame& frame, Cap<Type::frame> copy,
                         agreement::TicketNumber ticket);
  Result<agreement::CoreNumber> send_there(const agreement::Frame& frame, bool is_foreign,
                                           Cap<Type::frame> copy, agreement::CoreNumber to,
                                           agreement::TicketNumber ticket);
  Result<Words> copy(const Process& caller, const Call& call);
  Result<Words> revoke(Process& caller, std::uint64_t base, std::uint64_t bytes);
  Result<Words> revoked(const Process& caller);
  Result<Words> nth(std::uint64_t n) const;

  Result<agreement::Frame> may_travel(const Identity& identity) const;
  bool is_being_revoked(std::uint64_t base) const;

  Task<> carry_out(Revocation& revocation);
  Task<> watch();
  Task<> clear_up();

  Processes& processes_;
  Broker& broker_;
  agreement::Member& member_;
  const Pieces& pieces_;
  Receptions& receptions_;
  agreement::Tickets& tickets_;
  SharedFrames memory_;
  std::array<agreement::FrameOwner::SharedFrame, SharedFrames::kMostOwn> shared_{};
  std::array<agreement::FrameOwner::Holding, 2 * SharedFrames::kMostOwn> holdings_{};
  std::array<agreement::FrameHolder::ForeignFrame, SharedFrames::kMostForeign> foreign_{};
  agreement::FrameOwner owner_;
  agreement::FrameHolder holder_;
  std::array<Revocation, kMaxProcesses> revocations_{};
  std::uint64_t lines_posted_ = 0;
  Task<> watching_, sweeping_, clearing_up_;
  Waiter left_over_;
};

}  // namespace sprat::monitor
