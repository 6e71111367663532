// shared_frames.hh — frames that several cores know of, as the protocols for them see the memory of this core (agreement/memory.hh):
// carried out by the CPU driver. The monitor has one capability to each of them, which no process can name:
//
//   frame of this core    the CPU driver keeps its memory; the monitor's capability names it when all processes have deleted theirs
//   foreign frame         the monitor's capability is the anchor: all others are copies of it, and can be swept
//
// Capabilities come from and go to slots of processes directly (Method::fetch, Method::put).

#pragma once

#include "agreement/memory.hh"
#include "monitor/pieces.hh"
#include "monitor/receptions.hh"

namespace sprat::monitor {

class SharedFrames final : public agreement::FrameMemory {
 public:
  static constexpr std::size_t kMostOwn = 64;      // of the CPU driver's (cap::kMostRemote)
  static constexpr std::size_t kMostForeign = 64;  // it adopts more, for channels as well
  // One process may fill half of either table.
  static constexpr std::size_t kMostOwnOfProcess = kMostOwn / 2;
  static constexpr std::size_t kMostForeignOfProcess = kMostForeign / 2;

  // The cost of a frame that others have, for its owner; for its receiver, it is that of the reception.
  static constexpr Quota kCost = Receptions::kCost;

  // All must outlive it.
  SharedFrames(Processes& processes, const Pieces& pieces, Receptions& receptions)
      : processes_(processes), pieces_(pieces), receptions_(receptions) {}

  // Returns a copy of the frame in the slot `slot` of `process`.
  //   no_capability, wrong_type, no_rights   of the slot      out_of_memory   for one more slot of the monitor's
  static Result<Cap<Type::frame>> fetch(const Process& process, CapAddress slot);

  // Returns the RAM of a process, running or left over, that the byte at `address` is in: its own, or a piece that it holds.
  RamOfProcess ram_at(std::uint64_t address) const;

  // ---- frames of this core

  // The frame that keep() will be called for, if it is not kept yet.
  void offer(Cap<Type::frame> frame) { offered_ = std::move(frame); }

  // Returns the address of a frame in the RAM of the process at `place` that is kept.  not_found: none is
  Result<std::uint64_t> frame_of(std::size_t place) const;

  // The process goes. Its charges count in its parent's account from now on.
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
    Cap<Type::frame> frame;     // or none: the entry is free
    std::uint64_t process = 0;  // its owner, or the one that received it first
    Charge charge;
  };
  template <std::size_t kSize>
  static Entry* find(std::array<Entry, kSize>& entries, std::uint64_t base);
  template <std::size_t kSize>
  static Entry* find_free(std::array<Entry, kSize>& entries, std::uint64_t process,
                          std::size_t most_of_process);

  Processes& processes_;
  const Pieces& pieces_;
  Receptions& receptions_;
  Cap<Type::frame> offered_;
  std::array<Entry, kMostOwn> own_{};
  std::array<Entry, kMostForeign> foreign_{};
};

}  // namespace sprat::monitor
