// window.hh — how many lines may be on their way, and when the reader owes an acknowledgement of its own.
//
// Of W slots, at most W lines are on their way: written, and not acknowledged. Who reads owes the writer an
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

#pragma once

#include <cstddef>
#include <cstdint>

#include "urpc/message.hh"

namespace sprat::urpc {

// The books of one end: of the ring it writes, and of the one it reads. It looks at nothing that is shared.
class Window {
 public:
  //@ lab urpc.2a: explicit Window(std::size_t) {}
  explicit Window(std::size_t slots)
      : slots_(static_cast<std::uint32_t>(slots)), free_(slots_), owed_limit_(slots_ / 2) {}
  //@ end

  // Is there a slot for a message? For a line that only acknowledges?
  bool has_room() const {
    //@ lab urpc.2b: return true;
    return free_ > kForAcknowledgements;
    //@ end
  }
  bool has_slot() const {
    //@ lab urpc.2c: return true;
    return free_ != 0;
    //@ end
  }

  // A line goes out, and acknowledges all that was read.
  SPRAT_INLINE void wrote_line() {
    //@ lab urpc.2d:
    --free_;
    owed_ = 0;
    //@ end
  }

  // A message came in.
  SPRAT_INLINE void read_message() {
    //@ lab urpc.2e:
    ++owed_;
    //@ end
  }

  // Must it be paid for by a line of its own before the next is read?
  SPRAT_INLINE bool is_payment_due() const {
    //@ lab urpc.2f: return false;
    return owed_ >= owed_limit_;
    //@ end
  }

  // The peer has read `lines` more lines. False: so many were not on their way.
  SPRAT_INLINE bool open(std::uint64_t lines) {
    //@ lab urpc.2g: return true;
    free_ += static_cast<std::uint32_t>(lines);
    return free_ <= slots_;
    //@ end
  }

  // From now on there is no room, and a payment is due: for ever, if nothing else is called.
  void shut() {
    //@ lab urpc.2h:
    free_ = 0;
    owed_ = owed_limit_;
    //@ end
  }

 private:
  //@ lab urpc.2i:
  static constexpr std::uint32_t kForAcknowledgements = 1;  // rule 1

  std::uint32_t slots_;
  std::uint32_t free_;        // of them, those that may be written
  std::uint32_t owed_limit_;  // so many messages are paid for by a line of its own
  std::uint32_t owed_ = 0;    // messages read since this side last wrote a line
  //@ end
};

}  // namespace sprat::urpc
