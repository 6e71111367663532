// simulated_memory.hh — the memory of a simulated system: objects that come and go, and capabilities to them on all cores. After
// each move of the world it can say whether a byte is in two objects.

#pragma once

#include <map>
#include <set>
#include <vector>

#include "agreement/frame_holder.hh"
#include "agreement/frame_owner.hh"
#include "agreement/loans.hh"

namespace sprat::test {

using namespace agreement;

class SimulatedSystem;
class Incarnation;

// Frames that have been made, by numbers that are never used again: addresses are.
using ObjectNumber = std::size_t;
struct Object {
  std::size_t owner;  // incarnation
  std::uint64_t base;
  bool exists = true;
};

// Of the many frames that a piece has room for.
inline constexpr std::uint8_t kFrameBits = 12;
inline constexpr std::uint64_t kFrameBytes = 1 << kFrameBits;
inline constexpr std::size_t kFramesOfPiece = 2;

// The capabilities of one core.
class SimulatedMemory final : public FrameMemory, public RamMemory {
 public:
  explicit SimulatedMemory(Incarnation& self) : self_(self) {}

  Result<void> keep(const Frame& frame) override;
  void release(std::uint64_t base) override;
  Result<void> give(const Frame& frame, TicketNumber ticket) override;
  Result<void> adopt(const Frame& frame, CoreNumber owner, TicketNumber ticket) override;
  bool sweep(std::uint64_t base) override;
  bool drop(std::uint64_t base) override;
  Result<void> leave(PieceNumber piece) override;
  Result<void> enter(PieceNumber piece, TicketNumber ticket) override;
  void vacate(PieceNumber piece) override;

  // ---- processes of this core

  // Has `piece` in the window from the beginning.
  void begin_with(PieceNumber piece);

  // Makes a frame at `base` of RAM that is here, if there is none.
  void make(std::uint64_t base);

  // Deletes all copies on this core of its own frame at `base`.
  void remove_own(std::uint64_t base);

  // Makes one more copy of a foreign frame, if that is allowed; or deletes one, if there is any.
  void copy_foreign(std::uint64_t base);
  void remove_foreign(std::uint64_t base);

  // The process that waited for `ticket` has its capability now, or goes away and deletes it.
  void claim(TicketNumber ticket);
  void abandon(TicketNumber ticket);

  void remove_all();

  // A random frame, or a piece of RAM, that a process of this core could send; or none.
  std::optional<std::uint64_t> any_frame();
  std::optional<PieceNumber> any_piece();

  std::optional<ObjectNumber> object_at(std::uint64_t base) const;
  bool has_copy_of(ObjectNumber object) const;
  bool has_own(std::uint64_t base) const;
  bool has_no_frames() const { return own_.empty() && foreign_.empty(); }
  bool has_made(Range range) const;
  bool has(PieceNumber piece) const { return window_.contains(piece); }

  // Of each foreign frame, its owner knows.
  const char* look() const;

  // There is always memory for one more capability.
  bool never_fails = false;

  // The object of the copy that is received next.
  ObjectNumber next = 0;

 private:
  struct Own {
    ObjectNumber object;
    bool has_own = true, is_kept = false;
  };
  struct Foreign {
    ObjectNumber object;
    unsigned copies = 0;                    // besides the anchor
    std::vector<TicketNumber> unclaimed{};  // each for one of the copies
  };

  bool fails();
  void end_if_unused(std::uint64_t base);

  Incarnation& self_;
  std::map<std::uint64_t, Own> own_;
  std::map<std::uint64_t, Foreign> foreign_;
  std::set<PieceNumber> window_, had_, being_vacated_;
  std::map<TicketNumber, PieceNumber> unclaimed_;
};

}  // namespace sprat::test
