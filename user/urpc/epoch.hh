// epoch.hh — a ring whose lines are never written by the receiver: a new line is known by the lap that wrote it, and room is
// made by acknowledgements that travel in the control words of the other direction (Baumann et al., SOSP 2009, section 4.6).
//
// The receiver goes around as the sender does, so it knows which lap a new line is of, and compares one field:
//
//   slot               0   1   2   3         four slots, so the laps have the numbers 4, 8, 12 …
//   first lap          4   4   4   0         three lines are here; slot 3 was never written
//   second lap         8   8   4   4         two lines of the second lap are here; those in slots 2 and 3 were read
//
// Everything else is done at stops. Between two stops, send and receive look at nothing but the line itself.
//
//   sender     stops at the end of the ring, and where all W lines are in flight: written, and not known to be read
//   receiver   stops in the middle of the ring, and at its end
//
// Each line acknowledges what its sender has read, which costs nothing. A receiver that comes to a stop, and has sent no line
// since its stop before, reports in its status line how far it has read. The sender looks at the peer's status line only when it
// is out of room. So a stream one way moves that line once for half a ring, or less often if the receiver is quick:
//
//   A ── lines 16 … 23 ──►            B is in the middle of its ring, and has sent nothing: it reports 24
//     ── lines 24 … 31 ──►            B is at the end: it reports 32
//   A is out of room, and looks at B's status line: B reads line 32 next. So A may write lines 32 … 47
//
// 1. No line is overwritten that was not read. A stops where W lines are in flight, counted from the latest acknowledgement
//    that it has used. A later one only moves this stop away.
// 2. Neither side waits for ever. Let B send no line after one that acknowledges up to line r. B's second stop behind r is at
//    line r + W at the latest, and since the stop before it has sent nothing: it reports. A has room up to there. (To go around
//    is not to send: were it counted as a line, both sides could wait for each other.)
// 3. A report can be ahead of lines that are in flight. A looks for a report only if no line is there to be received, so each
//    line that it receives later acknowledges at most W lines less than is known. At the stop, an acknowledgement of 1 to W
//    lines more than is known is therefore new, one of up to W lines less is old, and any other was made up. Numbers are
//    compared modulo 2^16, which must be more than 2W. A report may be old by any number of lines: it has 64 bits.
//
// (model/credit.pml tries all orders.)
//
// Trust. The peer may write anything at any time. Each shared word is read once for a decision. A wrong lap is a line that was
// not written yet. An acknowledgement or a report of a line that was never written ends the conversation, when it is looked at
// because room is needed. All addresses come from this side's own cursors: a peer can spoil its own conversation and no other.

#pragma once

#include <utility>

#include "urpc/ring.hh"

namespace sprat::urpc {

// A message costs one line invalidated at the receiver and one fetched from the sender, and in a stream one way at most 2/W of
// each more for the status line. The functions do what End says (ring.hh).
class Epoch {
 public:
  // `view` as view_of makes it, on a frame that was all zeros when the first of the two sides began.
  explicit Epoch(const View& view)
      : out_(view.out),
        in_(view.in),
        own_status_(view.own_status),
        peer_status_(view.peer_status),
        last_seen_(Control().with<control::acknowledged>(out_.number())),
        lower_half_(static_cast<std::uint32_t>(in_.number()) << control::acknowledged.position) {
    begin_lap();
    in_.stop_after_half();
  }

  template <std::size_t kWords>
  SPRAT_INLINE Result<void> send(const Message<kWords>& message) {
    if (__builtin_expect_with_probability(out_.is_at_stop(), false, 0.99))
      if (!pass_stop_of_sender()) return is_broken_off_ ? Error::malformed : Error::again;
    //@ lab urpc.1b: return Error::not_implemented;
    Line& line = out_.line();
    fill(line, message);
    const std::uint64_t word = std::uint64_t{message.header} << control::header.position;
    line.control.store(word | lower_half_, std::memory_order_release);
    out_.pass(line);
    return {};
    //@ end
  }

  template <std::size_t kWords, class MadeRoom = DoNothing>
  SPRAT_INLINE Result<void> receive(Message<kWords>& message, MadeRoom made_room = {}) {
    //@ lab urpc.1c: return Error::not_implemented;
    const Line& line = in_.line();
    const Control seen(line.control.load(std::memory_order_acquire));
    if (!is_of_this_lap(seen)) return is_broken_off_ ? Error::malformed : Error::again;
    last_seen_ = seen;
    acknowledge_line();
    in_.pass(line);
    copy_out(line, seen, message);
    //@ end
    if (in_.is_at_stop()) [[unlikely]]
      if (pass_stop_of_receiver()) made_room();
    return {};
  }

  bool has_line() const {
    //@ lab urpc.1d: return false;
    return is_line_there() || is_broken_off_;
    //@ end
  }

  bool has_room() const {
    //@ lab urpc.2a: return true;
    if (is_broken_off_ || out_.number() - read_by_peer_ != out_.slots()) return true;
    return is_new(last_seen_) || (!is_line_there() && reported_by_peer() > read_by_peer_);
    //@ end
  }

  std::uint16_t lines_read() const { return static_cast<std::uint16_t>(in_.number()); }

  bool peer_would_find(std::uint16_t read, bool or_room) const {
    return static_cast<std::uint16_t>(out_.number()) != read || (or_room && has_room_to_find());
  }

 private:
  // ---- lines

  // Was the line written in the lap that this side reads?
  SPRAT_INLINE bool is_of_this_lap(Control seen) const {
    return static_cast<std::uint16_t>(seen.raw()) == static_cast<std::uint16_t>(in_.lap());
  }
  bool is_line_there() const {
    return is_of_this_lap(Control(in_.line().control.load(std::memory_order_acquire)));
  }

  // Lines that go out from now on acknowledge one more. The field is the highest of the half: it overflows to nowhere.
  SPRAT_INLINE void acknowledge_line() { lower_half_ += 1u << control::acknowledged.position; }

  // Lines that go out from now on are of the lap of `out_`.
  void begin_lap() {
    lower_half_ = (lower_half_ & ~std::uint32_t{0xffff}) | static_cast<std::uint16_t>(out_.lap());
  }

  // ---- reports: the first word of a status line is the number of the line that its owner reads next, when it last said so

  static constexpr std::size_t kLinesRead = 0;
  void report(std::uint64_t next) {
    own_status_->words[kLinesRead].store(next, std::memory_order_release);
  }
  std::uint64_t reported_by_peer() const {
    return peer_status_->words[kLinesRead].load(std::memory_order_acquire);
  }

  // ---- stops

  // Lets the sender go on from the end of the ring, or with W lines in flight. False: there is no room, or the conversation is
  // over.
  [[gnu::noinline]] bool pass_stop_of_sender() {
    if (out_.is_at_end()) {
      out_.go_around();
      begin_lap();
      //@ lab urpc.2b: out_.stop_after(out_.slots()); return true;
      const std::uint64_t in_flight = out_.lap() - read_by_peer_;
      if (in_flight != out_.slots()) {
        out_.stop_after(out_.slots() - in_flight);
        return true;
      }
      //@ end
    }
    return find_room();
  }

  // With W lines in flight: lets the sender go on by as many as the peer has read, if that is known now.
  SPRAT_INLINE bool find_room() {
    //@ lab urpc.2c: return false;
    out_.stop_here();
    std::uint64_t more = 0;
    if (is_new(last_seen_)) {
      more = static_cast<std::uint16_t>(last_seen_.get<control::acknowledged>() - read_by_peer_);
    } else {
      if (is_line_there()) return false;
      const std::uint64_t reported = reported_by_peer();
      if (reported <= read_by_peer_) return false;
      more = reported - read_by_peer_;
      last_seen_ = Control(reported << control::acknowledged.position);
    }
    if (more > out_.slots()) return break_off();
    read_by_peer_ += more;
    out_.stop_after(more);
    return true;
    //@ end
  }

  // Does the line acknowledge anything but what is known, or up to W lines less?
  bool is_new(Control seen) const {
    //@ lab urpc.2d: return seen.get<control::acknowledged>() != 0;
    const std::uint64_t less = read_by_peer_ - seen.get<control::acknowledged>();
    return static_cast<std::uint16_t>(less) > out_.slots();
    //@ end
  }

  // The peer broke the rules: from now on there is no line and no room, and nothing that is shared is looked at.
  [[gnu::noinline]] bool break_off() {
    //@ lab urpc.2e: return false;
    in_ = Cursor(std::span(&unwritten_line, 1));
    peer_status_ = &unwritten_line;
    last_seen_ = Control().with<control::acknowledged>(read_by_peer_);
    is_broken_off_ = true;
    return false;
    //@ end
  }

  // Lets the receiver go on from the middle or the end of the ring. True: it has reported, so the peer may have room.
  [[gnu::noinline]] bool pass_stop_of_receiver() {
    if (in_.is_at_end()) in_.go_around();
    in_.stop_after_half();
    //@ lab urpc.2f: return false;
    const std::uint64_t next_out = out_.number();
    if (std::exchange(out_before_, next_out) != next_out) return false;
    reported_ = in_.number();
    report(reported_);
    return true;
    //@ end
  }

  // Is there room by a report which the peer has not used up? Then the slot of the line before it has not been written again.
  bool has_room_to_find() const {
    //@ lab urpc.2g: return false;
    const std::uint64_t last = reported_ - 1;
    const Control there(in_.line_of(last).control.load(std::memory_order_relaxed));
    return there.get<control::lap>() == (last & ~(in_.slots() - 1) & control::lap.ones());
    //@ end
  }

  Cursor out_;
  Cursor in_;
  Line* own_status_;
  const Line* peer_status_;
  Control
      last_seen_;  // of the line that was received last; or what a report says that was used after it
  std::uint32_t lower_half_;    // of the control words of lines that go out
  bool is_broken_off_ = false;  // the peer broke the rules
  //@ lab urpc.2h:
  std::uint64_t read_by_peer_ = out_.number();  // it reads this line next, as far as is known
  std::uint64_t reported_ = in_.number();       // what the own status line says
  std::uint64_t out_before_ = out_.number();    // where `out_` was at the last stop of the receiver
  //@ end
};
static_assert(End<Epoch>);

}  // namespace sprat::urpc
