// epoch.hh — a ring whose lines are never written by the receiver: new lines are known by their epoch, and room is made
// by acknowledgements that travel in the control words of the other direction (Baumann et al., SOSP 2009, section 4.6).
//
// The epoch is a bit that the sender flips each time it comes around. The receiver knows which one to expect:
//
//   slot              0   1   2   3          0   1   2   3
//   lap 1, epoch 1    1   1   1   .          three lines are here, slot 3 was never written: its epoch is 0
//   lap 2, epoch 0    0   0   1   1          two more laps' lines are here; slots 2 and 3 are from lap 1, and read
//
// Flow control. Of W slots, at most W lines are on their way: written, and not acknowledged. Who reads owes the writer an
// acknowledgement, and pays with the next line it sends, whatever that is. If it sends nothing, it pays with a line of its
// own when it owes W/2 messages, just before it reads the next:
//
//   A ──m1──m2── … ──m8──►                     B has read 8 of 16: it owes 8
//     ◄───────────────────[acknowledged 8]──   B has nothing to say: a line only for that
//   A ──m9── … ──m16──m17─►                    A never had to wait
//
// Such a line takes a slot as well, and must be acknowledged as well. Why does this not go round in circles, or end with
// two full rings whose ends wait for each other? Three rules:
//
//   1. The last free slot is for acknowledgements: messages are sent while W - 2 lines or fewer are on their way.
//   2. Only messages are owed for. A line that only acknowledges is acknowledged by what is sent next, and asks for nothing.
//   3. W/2 messages are owed before they are paid for by a line of its own; W is 4 or more.
//
// There is always a slot for that line. Let B's last one have acknowledged r lines of A, and its line before that r' lines;
// r - r' >= W/2 by 3. Until A reads it, A writes no further than line r' + W, of which the last is no message by 1: that is
// less than W/2 messages after r. So when B owes W/2 again, A has read B's last line, and has acknowledged it with what it
// wrote since. And nobody waits for ever: an A without room has W - 1 lines on their way, of which at most one is no message:
// W - 2 >= W/2 messages for which B, when it has read them, sends an acknowledgement. (model/window.pml tries all orders.)
//
// Trust. What the peer writes may be anything at any time. Control words are read once, and then judged. An acknowledgement
// for more than is on its way, or one that goes back (modulo 2^16 the same), ends the conversation, and so does a line that
// is there only to acknowledge and acknowledges nothing. A wrong epoch is a line that has not been written yet. All
// addresses come from this side's own cursors: a peer can spoil its own conversation and nothing else.

#pragma once

#include "urpc/ring.hh"

namespace sprat::urpc {

// A message costs one line invalidated at the receiver and one fetched from the sender, and in a stream one way 2/W more
// for acknowledgements. What the functions do is with End (ring.hh).
class Epoch {
 public:
  // `view` as view_of makes it, on a frame that was all zeros when the first of the two sides began.
  explicit Epoch(const View& view)
      : out_(view.out),
        in_(view.in),
        slots_(static_cast<std::uint32_t>(view.out.size())),
        free_(slots_),
        owed_limit_(slots_ / 2) {}

  template <std::size_t kWords>
  SPRAT_INLINE Result<void> send(const Message<kWords>& message) {
    if (!has_room()) [[unlikely]]
      return is_broken_ ? Error::malformed : Error::again;
    write(Control().with<control::header>(message.header), message);
    return {};
  }

  template <std::size_t kWords, class MadeRoom = NobodyAsks>
  SPRAT_INLINE Result<void> receive(Message<kWords>& message, MadeRoom made_room = {}) {
    if (owed_ >= owed_limit_) [[unlikely]] {
      if (!pay()) return break_off();
      made_room();
    }
    for (;;) {
      const Line& line = in_.line();
      const Control seen(line.control.load(std::memory_order_acquire));
      const std::uint64_t news = news_in(seen);
      if ((news & (kNotWritten | kAcknowledgementOnly)) != 0) {
        if ((news & kNotWritten) != 0) return Error::again;
        if (news == kAcknowledgementOnly || !open_window(news)) return break_off();
        next_line();
        continue;
      }
      if (news != 0 && !open_window(news)) [[unlikely]]
        return break_off();
      trace<Event::receive>(&line);
      copy_out(line, seen, message);
      next_line();
      ++owed_;
      return {};
    }
  }

  bool has_line() const {
    const Control seen(in_.line().control.load(std::memory_order_seq_cst));
    return (news_in(seen) & kNotWritten) == 0 || is_broken_;
  }

  bool has_room() const { return free_ > kForAcknowledgements; }

  std::uint16_t lines_read() const { return in_.position(); }

  // Room is made by lines, too.
  bool peer_would_find(std::uint16_t read, bool) const { return out_.position() != read; }

 private:
  static constexpr std::uint32_t kForAcknowledgements = 1;  // rule 1

  // What is new in `seen`, compared with the control word of a message that acknowledges nothing new. If it is written, the
  // epochs are the same and the difference has no borrow: above two bits it is the number of lines newly acknowledged.
  static constexpr std::uint64_t kNotWritten = 1;
  static constexpr std::uint64_t kAcknowledgementOnly = 2;
  static constexpr unsigned kCountAbove = 2;
  SPRAT_INLINE std::uint64_t news_in(Control seen) const {
    return (seen.raw() - in_.stamp()) >> control::epoch.position;
  }

  // Writes the line at the cursor, whose stamp acknowledges all that was read. What is in registers already need not be
  // loaded again if books are kept first.
  template <std::size_t kWords>
  SPRAT_INLINE void write(Control control, const Message<kWords>& message) {
    Line& line = out_.line();
    const std::uint64_t word = control.raw() | out_.stamp();
    out_.advance();
    --free_;
    owed_ = 0;
    trace<Event::send>(&line);
    fill(line, message);
    line.control.store(word, std::memory_order_release);
  }

  // Acknowledges by a line of its own. An honest peer has left room for it.
  [[gnu::noinline]] bool pay() {
    if (is_broken_ || free_ == 0) return false;
    write(Control().with<control::acknowledgement_only>(), Message<0>());
    return true;
  }

  SPRAT_INLINE void next_line() {
    in_.advance();
    out_.acknowledge(1);
  }

  // Takes the acknowledgement out of `news`. False: so many lines were not on their way.
  SPRAT_INLINE bool open_window(std::uint64_t news) {
    const std::uint64_t lines = news >> kCountAbove;
    free_ += static_cast<std::uint32_t>(lines);
    in_.acknowledge(lines);
    return free_ <= slots_;
  }

  // From now on, send finds no room and receive does not come further than `pay`.
  [[gnu::noinline]] Error break_off() {
    is_broken_ = true;
    free_ = 0;
    owed_ = owed_limit_;
    return Error::malformed;
  }

  Cursor out_;
  Cursor in_;
  std::uint32_t slots_;
  std::uint32_t free_;        // of them, those that may be written
  std::uint32_t owed_limit_;  // so many messages are paid for by a line of its own
  std::uint32_t owed_ = 0;    // messages read since this side last wrote a line
  bool is_broken_ = false;
};
static_assert(End<Epoch>);

}  // namespace sprat::urpc
