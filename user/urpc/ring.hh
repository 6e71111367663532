// ring.hh — the memory that two dispatchers share for a conversation, and the functions of one end of it.
//
//   frame    ┌──────────┬──────────┬───────────────────────┬───────────────────────┐
//            │ status   │ status   │ W lines               │ W lines               │
//            │ of first │ of second│ first ──────► second  │ second ──────► first  │
//            └──────────┴──────────┴───────────────────────┴───────────────────────┘
//
// A frame that is all zeros is a conversation in which no message was sent yet. Each line of a ring is written by one side
// (and cleared by the other, if the ring is a used_bit.hh). A status line is written by its owner only: its first word says how
// many lines the owner has read (epoch.hh), its control word whether the owner sleeps (sleep.hh).

#pragma once

#include <concepts>
#include <span>

#include "sprat/result.hh"
#include "urpc/message.hh"

namespace sprat::urpc {

inline constexpr std::size_t kStatusLines = 2;
inline constexpr std::size_t kFewestSlots = 4;
// Lines are acknowledged modulo 2^16. An acknowledgement may be up to 2W lines behind, which must be less than all numbers.
inline constexpr std::size_t kMostSlots = std::size_t{1} << 14;

// Lines of a frame with `slots` lines in each direction.
constexpr std::size_t frame_lines(std::size_t slots) { return kStatusLines + 2 * slots; }

enum class Side : std::uint8_t { first, second };

// A frame as one of its two sides sees it.
struct View {
  Line* own_status;
  Line* peer_status;
  std::span<Line> out;
  std::span<Line> in;
};

// The view of `side` on a `frame` of frame_lines(W) lines.
//   invalid_argument   W is not a power of two between kFewestSlots and kMostSlots
inline Result<View> view_of(std::span<Line> frame, Side side) {
  if (frame.size() < kStatusLines) return Error::invalid_argument;
  const std::size_t slots = (frame.size() - kStatusLines) / 2;
  if (frame.size() != frame_lines(slots) || (slots & (slots - 1)) != 0 || slots < kFewestSlots ||
      slots > kMostSlots) {
    return Error::invalid_argument;
  }
  const std::span<Line> first = frame.subspan(kStatusLines, slots);
  const std::span<Line> second = frame.subspan(kStatusLines + slots, slots);
  if (side == Side::first) return View{&frame[0], &frame[1], first, second};
  return View{&frame[1], &frame[0], second, first};
}

// A line that is never written: an end reads it when its conversation is over.
inline constinit Line unwritten_line{};

// The place of one side on its way around a ring, and the next place where it has to stop.
class Cursor {
 public:
  // At the first line of the first lap; stops at the end of the ring.
  explicit Cursor(std::span<Line> lines)
      : line_(lines.data()),
        stop_(lines.data() + lines.size()),
        begin_(lines.data()),
        middle_(lines.data() + lines.size() / 2),
        end_(lines.data() + lines.size()),
        slots_(lines.size()),
        lap_(lines.size()) {}

  Line& line() const { return *line_; }
  std::size_t slots() const { return slots_; }

  // Numbers of lines: of the first one of this lap, and of the one at the cursor.
  std::uint64_t lap() const { return lap_; }
  std::uint64_t number() const { return lap_ + static_cast<std::uint64_t>(line_ - begin_); }

  // The line that has or had this number.
  Line& line_of(std::uint64_t number) const { return begin_[number & (slots_ - 1)]; }

  // To the next line. `line` is the one at the cursor, which the caller has in its hands; behind the last one is the end of the
  // ring, where no line is.
  SPRAT_INLINE void pass(const Line& line) { line_ = const_cast<Line*>(&line) + 1; }
  bool is_at_end() const { return line_ == end_; }

  // From the end of the ring to its first line, in the next lap.
  SPRAT_INLINE void go_around() {
    //@ lab urpc.1a:
    line_ = begin_;
    lap_ += slots_;
    //@ end
  }

  // To the next line; after the last one, to the first.
  SPRAT_INLINE void advance() {
    ++line_;
    if (is_at_end()) [[unlikely]]
      go_around();
  }

  // Stops when `lines` more lines were passed, or at the end of the ring.
  SPRAT_INLINE void stop_after(std::uint64_t lines) {
    stop_ = lines < static_cast<std::uint64_t>(end_ - line_) ? line_ + lines : end_;
  }
  SPRAT_INLINE void stop_here() { stop_ = line_; }
  // From the first line: stops in the middle of the ring. From there: at its end.
  SPRAT_INLINE void stop_after_half() { stop_ = line_ == begin_ ? middle_ : end_; }
  SPRAT_INLINE bool is_at_stop() const { return line_ == stop_; }

 private:
  Line* line_;
  Line* stop_;
  Line* begin_;
  Line* middle_;
  Line* end_;
  std::size_t slots_;
  std::uint64_t lap_;
};

// The second argument of `receive`, if there is none.
struct DoNothing {
  void operator()() const {}
};

// One end of a conversation. Nothing here waits, allocates, or enters the kernel.
//
//   send      writes one line. `again`: there is no room. Room comes from the peer; if a line of the peer is there, it must be
//             received first. `malformed`: as with receive.
//   receive   takes the next message, if there is one; else `again`. Calls its second argument when it has made room that
//             the peer can see. `malformed`: the peer broke the rules; the conversation is over, for good.
//   has_line  receive would not say `again`
//   has_room  send would not say `again`
//   lines_read         the number of the line that is read next, modulo 2^16
//   peer_would_find    would a peer that has read that far, and may also wait for room, find something if it looked?
template <class Type>
concept End = requires(Type end, const Type seen, const Message<> message, Message<> copy) {
  { end.send(message) } -> std::same_as<Result<void>>;
  { end.receive(copy, DoNothing()) } -> std::same_as<Result<void>>;
  { seen.has_line() } -> std::same_as<bool>;
  { seen.has_room() } -> std::same_as<bool>;
  { seen.lines_read() } -> std::same_as<std::uint16_t>;
  { seen.peer_would_find(std::uint16_t{}, bool{}) } -> std::same_as<bool>;
};

}  // namespace sprat::urpc
