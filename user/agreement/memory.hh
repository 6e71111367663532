// memory.hh — all that the protocols for frames and RAM need of the memory of their core: in the system its CPU driver, in tests
// a model of one.

#pragma once

#include "agreement/messages.hh"

namespace sprat::agreement {

// 2^bits bytes from the physical address `base` on, a multiple of that. Rights are those of capabilities.
struct Frame {
  std::uint64_t base = 0;
  std::uint8_t bits = 0, rights = 0;
  bool operator==(const Frame&) const = default;
};

// Physical addresses, without `end`.
struct Range {
  std::uint64_t begin = 0, end = 0;
  bool has(std::uint64_t address) const { return begin <= address && address < end; }
  bool operator==(const Range&) const = default;
};

inline constexpr unsigned kPieceBits = 21;
inline Frame frame_of(PieceNumber piece) {
  return {std::uint64_t{piece} << kPieceBits, kPieceBits, 0};
}
inline PieceNumber piece_at(std::uint64_t address) {
  return static_cast<PieceNumber>(address >> kPieceBits);
}
inline Range range_of(const Frame& frame) {
  return {frame.base, frame.base + (std::uint64_t{1} << frame.bits)};
}
inline Range range_of(PieceNumber piece) { return range_of(frame_of(piece)); }

class FrameMemory {
 public:
  // ---- frames of this core

  // Other cores are about to have copies of `frame`: keeps its memory in use, whatever processes of this core delete.
  //   out_of_memory   for one more such frame
  virtual Result<void> keep(const Frame& frame) = 0;

  // No other core has a copy of the frame at `base` any more: ends the effect of keep().
  virtual void release(std::uint64_t base) = 0;

  // Gives the process that waits for `ticket` a copy of `frame`.
  //   no_capability   the frame is no more      out_of_memory   for the capability
  virtual Result<void> give(const Frame& frame, TicketNumber ticket) = 0;

  // ---- frames of other cores

  // Gives the process that waits for `ticket` a copy of a frame of core `owner`. The first copy gets an anchor beside it, which no
  // process can name: from then on this core has the frame until drop().
  //   out_of_memory   for the capabilities; then nothing has changed
  virtual Result<void> adopt(const Frame& frame, CoreNumber owner, TicketNumber ticket) = 0;

  // Deletes some of the copies of the frame at `base`, not its anchor, in bounded time. No copy can be made meanwhile
  // (FrameHolder::may_copy). Returns whether there is none left.
  virtual bool sweep(std::uint64_t base) = 0;

  // Deletes the anchor of the frame at `base` if there is no other copy. Returns whether it did.
  virtual bool drop(std::uint64_t base) = 0;

 protected:
  ~FrameMemory() = default;
};

// RAM in pieces of 2^kPieceBits bytes.
class RamMemory {
 public:
  // Takes `piece` out of this core's window: its CPU driver cannot reach it any more, and nothing can be made of it.
  //   in_use   something has been made of it
  virtual Result<void> leave(PieceNumber piece) = 0;

  // Puts `piece`, which no other core has in its window, into this core's, as unused RAM: for the process that waits for `ticket`,
  // or with 0 for this core's own.
  //   out_of_memory   for tables; not if this core had it before
  virtual Result<void> enter(PieceNumber piece, TicketNumber ticket) = 0;

  // Begins to revoke all that was made of `piece`, on this core and others. Nothing can be made of it any more. Loans::vacated(piece)
  // is called at the end.
  virtual void vacate(PieceNumber piece) = 0;

 protected:
  ~RamMemory() = default;
};

}  // namespace sprat::agreement
