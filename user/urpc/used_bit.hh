// used_bit.hh — a ring whose lines say by themselves whether they are free: the sender sets a bit with the control word,
// the receiver clears it when it has read the line.
//
//   sender     line free? ── words, control word (used) ──►                         line free? ── words …
//   receiver                                               used? copy ── clear ──►
//   line         shared        sender's                      shared      receiver's   shared      sender's
//
// Nothing is counted, nothing acknowledged, and nothing the peer writes can be wrong: there is a message or there is not. The
// price is in the last row: the line moves back and forth twice for a message, where the epoch's line moves once.

#pragma once

#include "urpc/ring.hh"

namespace sprat::urpc {

// A message costs two lines invalidated and two fetched: by the sender's words, and by the receiver's clearing. What the
// functions do is with End (ring.hh).
class UsedBit {
 public:
  // `view` as view_of makes it, on a frame that was all zeros when the first of the two sides began.
  explicit UsedBit(const View& view) : out_(view.out), in_(view.in) {}

  template <std::size_t kWords>
  SPRAT_INLINE Result<void> send(const Message<kWords>& message) {
    //@ lab urpc.3a: return Error::not_implemented;
    Line& line = out_.line();
    if (is_used(line, std::memory_order_acquire)) [[unlikely]]
      return Error::again;
    fill(line, message);
    line.control.store(used(message.header).raw(), std::memory_order_release);
    out_.advance();
    return {};
    //@ end
  }

  template <std::size_t kWords, class MadeRoom = NobodyAsks>
  SPRAT_INLINE Result<void> receive(Message<kWords>& message, MadeRoom made_room = {}) {
    //@ lab urpc.3b: return Error::not_implemented;
    Line& line = in_.line();
    const Control seen(line.control.load(std::memory_order_acquire));
    if (seen.get<control::epoch>() == 0) return Error::again;
    copy_out(line, seen, message);
    line.control.store(0, std::memory_order_release);
    in_.advance();
    made_room();
    return {};
    //@ end
  }

  bool has_line() const {
    //@ lab urpc.3c: return false;
    return is_used(in_.line(), std::memory_order_seq_cst);
    //@ end
  }
  bool has_room() const {
    //@ lab urpc.3d: return true;
    return !is_used(out_.line(), std::memory_order_seq_cst);
    //@ end
  }

  std::uint16_t lines_read() const { return in_.position(); }

  // Lines are used in turn: the peer has no room while the one that this side has cleared last is used again.
  bool peer_would_find(std::uint16_t read, bool or_room) const {
    return out_.position() != read || (or_room && !is_used(in_.last(), std::memory_order_relaxed));
  }

 private:
  static Control used(std::uint32_t header) {
    return Control().with<control::header>(header).with<control::epoch>();
  }
  static bool is_used(const Line& line, std::memory_order order) {
    return Control(line.control.load(order)).get<control::epoch>() != 0;
  }

  Cursor out_;
  Cursor in_;
};
static_assert(End<UsedBit>);

}  // namespace sprat::urpc
