// shared_frames.hh — frames that several cores know of, as the protocols for them see the memory of this core (agreement/memory.hh):
// carried out by the CPU driver. The monitor has one capability to each of them, which no process can name:
//
//   frame of this core    the CPU driver keeps its memory; the monitor's capability names it when all processes have deleted theirs
//   foreign frame         the monitor's capability is the anchor: all others are copies of it, and can be swept
//
// Capabilities come from and go to slots of processes directly (Method::fetch, Method::put).

#pragma once

#include "agreement/memory.hh"
#include "agreement/tickets.hh"
#include "monitor/processes.hh"

namespace sprat::monitor {

class SharedFrames final : public agreement::FrameMemory {
 public:
  static constexpr std::size_t kMostOwn = 64;       // of the CPU driver's (cap::kMostRemote)
  static constexpr std::size_t kMostForeign = 64;   // it adopts more, for channels as well
  static constexpr std::size_t kMostOfProcess = 8;  // tickets

  // The cost of a frame that is awaited or here, for its receiver, and of one that others have, for its owner.
  static constexpr Quota kCost{.processes = 0, .memory = 0, .channels = 0, .slots = 1};

  explicit SharedFrames(Processes& processes) : processes_(processes) {}

  // Returns a copy of the frame in the slot `slot` of `process`.
  //   no_capability, wrong_type, no_rights   of the slot      out_of_memory   for one more slot of the monitor's
  static Result<Cap<Type::frame>> fetch(const Process& process, CapAddress slot);

  // Puts a copy of `frame` with the rights `keep` into `slot` of `process`.
  //   no_capability   there is no such slot      slot_in_use
  static Result<void> put(const Process& process, CapAddress slot, CapRef<Type::frame> frame,
                          Rights keep);

  // ---- processes that wait for frames

  struct Destination {
    agreement::TicketNumber ticket = 0;  // 0: it is free
    std::uint64_t process = 0;
    CapAddress slot;
    Charge charge;
  };

  // Returns a free destination, for a frame that will come into `slot` of `process`; the caller gives it a ticket, or frees it.
  //   busy             kMostOfProcess are in use, or all
  //   quota_exceeded
  Result<Destination*> add_destination(Process& process, CapAddress slot);

  // Returns the destination of `ticket`, or null.
  Destination* find(agreement::TicketNumber ticket);

  // Puts a copy of `frame` into the slot that waits for `ticket`.  Errors: those of put; no_capability: no slot waits
  Result<void> put(agreement::TicketNumber ticket, CapRef<Type::frame> frame, Rights keep);

  // ---- frames of this core

  // The frame that keep() will be called for, if it is not kept yet.
  void offer(Cap<Type::frame> frame) { offered_ = std::move(frame); }

  // Whether a frame in the RAM of the process at `place` is kept.
  bool keeps_frames_of(std::size_t place) const;

  // The process goes, with its slots. Its charges count in its parent's account from now on.
  void end(const Process& process);

  std::size_t count_own() const;
  std::size_t count_foreign() const;

  // Whether a foreign frame is here for which `holds(base)`.
  template <class Holds>
  bool any_foreign(Holds holds) const {
    for (const Entry& entry : foreign_)
      if (entry.frame && holds(entry.base)) return true;
    return false;
  }
  template <class Holds>
  bool any_own(Holds holds) const {
    for (const Entry& entry : own_)
      if (entry.frame && holds(entry.base)) return true;
    return false;
  }

  // ---- for the protocols
  Result<void> keep(const agreement::Frame& frame) override;
  void release(std::uint64_t base) override;
  Result<void> give(const agreement::Frame& frame, agreement::TicketNumber ticket) override;
  Result<void> adopt(const agreement::Frame& frame, agreement::CoreNumber owner,
                     agreement::TicketNumber ticket) override;
  bool sweep(std::uint64_t base) override;
  bool drop(std::uint64_t base) override;

 private:
  struct Entry {
    std::uint64_t base = 0;
    Cap<Type::frame> frame;  // or none: the entry is free
    Charge charge;
  };
  template <std::size_t kSize>
  static Entry* find(std::array<Entry, kSize>& entries, std::uint64_t base);
  template <std::size_t kSize>
  static Entry* find_free(std::array<Entry, kSize>& entries);

  Processes& processes_;
  Cap<Type::frame> offered_;
  std::array<Entry, kMostOwn> own_{};
  std::array<Entry, kMostForeign> foreign_{};
  std::array<Destination, agreement::Tickets::kMostTickets> destinations_{};
};

}  // namespace sprat::monitor
