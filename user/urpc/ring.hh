// ring.hh — what two dispatchers share for a conversation, and what one end of it can do.
//
//   frame    ┌──────────┬──────────┬───────────────────────┬───────────────────────┐
//            │ doorstep │ doorstep │ W lines               │ W lines               │
//            │ of first │ of second│ first ──────► second  │ second ──────► first  │
//            └──────────┴──────────┴───────────────────────┴───────────────────────┘
//
// A frame that is all zeros is a conversation in which nothing was said yet. Each line of a ring is written by one side
// (and cleared by the other, if the ring is a used_bit.hh); the doorsteps are for sleep.hh.

#pragma once

#include <concepts>
#include <span>

#include "sprat/result.hh"
#include "urpc/message.hh"

namespace sprat::urpc {

inline constexpr std::size_t kDoorsteps = 2;
inline constexpr std::size_t kFewestSlots = 4;  // see the essay in window.hh
// What is acknowledged is counted modulo 2^16, and half of that tells what is new from what is old.
inline constexpr std::size_t kMostSlots = std::size_t{1} << 15;

// Lines of a frame with `slots` lines in each direction.
constexpr std::size_t frame_lines(std::size_t slots) { return kDoorsteps + 2 * slots; }

enum class Side : std::uint8_t { first, second };

// A frame as one of its two sides sees it.
struct View {
  Line* own_doorstep;
  Line* peer_doorstep;
  std::span<Line> out;
  std::span<Line> in;
};

// The view of `side` on a `frame` of frame_lines(W) lines.
//   invalid_argument   W is not a power of two between kFewestSlots and kMostSlots
inline Result<View> view_of(std::span<Line> frame, Side side) {
  if (frame.size() < kDoorsteps) return Error::invalid_argument;
  const std::size_t slots = (frame.size() - kDoorsteps) / 2;
  if (frame.size() != frame_lines(slots) || (slots & (slots - 1)) != 0 || slots < kFewestSlots ||
      slots > kMostSlots) {
    return Error::invalid_argument;
  }
  const std::span<Line> first = frame.subspan(kDoorsteps, slots);
  const std::span<Line> second = frame.subspan(kDoorsteps + slots, slots);
  if (side == Side::first) return View{&frame[0], &frame[1], first, second};
  return View{&frame[1], &frame[0], second, first};
}

// Where one side is on its way around a ring.
class Cursor {
 public:
  explicit Cursor(std::span<Line> lines)
      : line_(lines.data()), begin_(lines.data()), end_(lines.data() + lines.size()) {}

  Line& line() const { return *line_; }

  // The control word of the line, but for its header: the epoch, which is set on the first lap and every other, so that
  // lines of zeros are none of these; and what is acknowledged.
  std::uint64_t stamp() const { return stamp_; }

  // To the next line. Behind the last one is the first again, with the other epoch.
  SPRAT_INLINE void advance() {
    //@ lab urpc.1a:
    if (++line_ != end_) [[likely]]
      return;
    line_ = begin_;
    stamp_ ^= control::epoch.mask();
    //@ end
  }

  // Acknowledges `lines` more. The field is the highest: it overflows to nowhere.
  SPRAT_INLINE void acknowledge(std::uint64_t lines) {
    stamp_ += lines << control::acknowledged.position;
  }

  // How many lines it has passed, modulo twice the size of the ring: tells an empty ring from a full one.
  std::uint16_t position() const {
    const std::ptrdiff_t lap = (stamp_ & control::epoch.mask()) == 0 ? end_ - begin_ : 0;
    return static_cast<std::uint16_t>(line_ - begin_ + lap);
  }

  // The line it has passed last, which is also the one it will come to last.
  Line& last() const { return line_ == begin_ ? end_[-1] : line_[-1]; }

 private:
  Line* line_;
  Line* begin_;
  Line* end_;
  std::uint64_t stamp_ = control::epoch.mask();
};
static_assert(control::acknowledged.position + control::acknowledged.width == 64);

// What may be asked for along with `receive`: to be told when the peer got room for more.
struct NobodyAsks {
  void operator()() const {}
};

// One end of a conversation. Nothing here waits, allocates, or goes to the kernel.
//
//   send      writes one line. `again`: there is no room, which only the peer can change. `malformed`: as with receive.
//   receive   takes the next message, if there is one; else `again`. Calls its second argument when it has made room that
//             the peer can see. `malformed`: the peer broke the rules; the conversation is over, for good.
//   has_line  receive has something to do: a line, a payment that the peer may wait for, or to say that it is over
//   has_room  send would not say `again`; it is the peer that changes this, by a line that receive must look at (Epoch) or
//             by clearing one (UsedBit)
//   lines_read         Cursor::position of what receive has read
//   peer_would_find    would a peer that has read that far, and may also wait for room, find something if it looked?
template <class Type>
concept End = requires(Type end, const Type seen, const Message<> message, Message<> copy) {
  { end.send(message) } -> std::same_as<Result<void>>;
  { end.receive(copy, NobodyAsks()) } -> std::same_as<Result<void>>;
  { seen.has_line() } -> std::same_as<bool>;
  { seen.has_room() } -> std::same_as<bool>;
  { seen.lines_read() } -> std::same_as<std::uint16_t>;
  { seen.peer_would_find(std::uint16_t{}, bool{}) } -> std::same_as<bool>;
};

}  // namespace sprat::urpc
