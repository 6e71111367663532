// epoch.hh — a ring whose lines are never written by the receiver: new lines are known by their epoch, and room is made
// by acknowledgements that travel in the control words of the other direction (Baumann et al., SOSP 2009, section 4.6).
//
// The epoch is a bit that the sender flips each time it comes around. The receiver knows which one to expect:
//
//   slot              0   1   2   3          0   1   2   3
//   lap 1, epoch 1    1   1   1   .          three lines are here, slot 3 was never written: its epoch is 0
//   lap 2, epoch 0    0   0   1   1          two more laps' lines are here; slots 2 and 3 are from lap 1, and read
//
// How much may be on its way, and who owes an acknowledgement for it, is the business of window.hh.
//
// Trust. What the peer writes may be anything at any time. Control words are read once, and then judged. An acknowledgement
// for more than is on its way, or one that goes back (modulo 2^16 the same), ends the conversation, and so does a line that
// is there only to acknowledge and acknowledges nothing. A wrong epoch is a line that has not been written yet. All
// addresses come from this side's own cursors: a peer can spoil its own conversation and nothing else.

#pragma once

#include "urpc/ring.hh"
#include "urpc/window.hh"

namespace sprat::urpc {

// A message costs one line invalidated at the receiver and one fetched from the sender, and in a stream one way 2/W more
// for acknowledgements. What the functions do is with End (ring.hh).
class Epoch {
 public:
  // `view` as view_of makes it, on a frame that was all zeros when the first of the two sides began.
  explicit Epoch(const View& view) : out_(view.out), in_(view.in), window_(view.out.size()) {}

  template <std::size_t kWords>
  SPRAT_INLINE Result<void> send(const Message<kWords>& message) {
    if (!has_room()) [[unlikely]]
      return is_broken() ? Error::malformed : Error::again;
    //@ lab urpc.1b: return Error::not_implemented;
    write(Control().with<control::header>(message.header), message);
    return {};
    //@ end
  }

  template <std::size_t kWords, class MadeRoom = NobodyAsks>
  SPRAT_INLINE Result<void> receive(Message<kWords>& message, MadeRoom made_room = {}) {
    if (window_.is_payment_due()) [[unlikely]] {
      if (!pay()) return break_off();
      made_room();
    }
    //@ lab urpc.1d: return Error::not_implemented;
    for (;;) {
      const Line& line = in_.line();
      const Control seen(line.control.load(std::memory_order_acquire));
      const std::uint64_t news = news_in(seen);
      if ((news & kNotWritten) != 0) return Error::again;
      if (news != 0) {
        if (news == kAcknowledgementOnly || !open_window(news >> kCountAbove)) [[unlikely]]
          return break_off();
        if ((news & kAcknowledgementOnly) != 0) {
          next_line();
          continue;
        }
      }
      copy_out(line, seen, message);
      next_line();
      window_.read_message();
      return {};
    }
    //@ end
  }

  bool has_room() const { return window_.has_room(); }

  std::uint16_t lines_read() const { return in_.position(); }

  // Room is made by lines, too.
  bool peer_would_find(std::uint16_t read, bool) const { return out_.position() != read; }

  //@ lab urpc.1e: bool has_line() const { return false; }
  bool has_line() const {
    const Control seen(in_.line().control.load(std::memory_order_seq_cst));
    return (news_in(seen) & kNotWritten) == 0 || window_.is_payment_due();
  }

 private:
  // What is new in `seen`, compared with the control word of a message that acknowledges nothing new. If it is written, the
  // epochs are the same and the difference has no borrow: above two bits it is the number of lines newly acknowledged.
  static constexpr std::uint64_t kNotWritten = 1;
  static constexpr std::uint64_t kAcknowledgementOnly = 2;
  static constexpr unsigned kCountAbove = 2;
  SPRAT_INLINE std::uint64_t news_in(Control seen) const {
    return (seen.raw() - in_.stamp()) >> control::epoch.position;
  }
  //@ end

 private:
  // Writes the line at the cursor: `message`, and `control` with the cursor's stamp. The line pays for all that was read.
  template <std::size_t kWords>
  SPRAT_INLINE void write(Control control, const Message<kWords>& message) {
    //@ lab urpc.1c:
    // What is in registers already need not be loaded again if books are kept first.
    Line& line = out_.line();
    const std::uint64_t word = control.raw() | out_.stamp();
    out_.advance();
    window_.wrote_line();
    fill(line, message);
    line.control.store(word, std::memory_order_release);
    //@ end
  }

  // Acknowledges by a line of its own. False: the peer has left no room for it, as no honest one does, or it is over.
  [[gnu::noinline]] bool pay() {
    //@ lab urpc.2j: return true;
    if (!window_.has_slot()) return false;
    write(Control().with<control::acknowledgement_only>(), Message<0>());
    return true;
    //@ end
  }

  // The line at the cursor was read. What is written from now on says so.
  SPRAT_INLINE void next_line() {
    in_.advance();
    out_.acknowledge(1);
  }

  // The peer acknowledges `lines` more than before. False: so many were not on their way.
  SPRAT_INLINE bool open_window(std::uint64_t lines) {
    in_.acknowledge(lines);
    return window_.open(lines);
  }

  // A payment that cannot be made is owed only by who was shut, for ever.
  bool is_broken() const { return window_.is_payment_due() && !window_.has_slot(); }

  // From now on, send finds no room and receive does not come further than `pay`.
  [[gnu::noinline]] Error break_off() {
    window_.shut();
    return Error::malformed;
  }

  Cursor out_;
  Cursor in_;
  Window window_;
};
static_assert(End<Epoch>);

}  // namespace sprat::urpc
