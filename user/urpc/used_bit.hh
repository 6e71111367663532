// used_bit.hh — a ring whose lines say by themselves whether they are free: the sender sets a bit with the control word,
// the receiver clears it when it has read the line.
//
//   sender     line free? ── words, control word (used) ──►                         line free? ── words …
//   receiver                                               used? copy ── clear ──►
//   line         shared        sender's                      shared      receiver's   shared      sender's
//
// Lines are not acknowledged, and no value that the peer writes can be wrong: there is a message or there is not. The price is
// in the last row: the line moves back and forth twice for a message, where the epoch's line moves once.

#pragma once

#include "urpc/ring.hh"

namespace sprat::urpc {

// A message costs two lines invalidated and two fetched: by the sender's words, and by the receiver's clearing. The functions do
// what End says (ring.hh).
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

  template <std::size_t kWords, class MadeRoom = DoNothing>
  SPRAT_INLINE Result<void> receive(Message<kWords>& message, MadeRoom made_room = {}) {
    //@ lab urpc.3b: return Error::not_implemented;
    Line& line = in_.line();
    const Control seen(line.control.load(std::memory_order_acquire));
    if (!is_used(seen)) return Error::again;
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

  std::uint16_t lines_read() const { return static_cast<std::uint16_t>(in_.number()); }

  // Lines are used in turn: the peer has no room while the one that this side has cleared last is used again.
  bool peer_would_find(std::uint16_t read, bool or_room) const {
    const Line& last = in_.line_of(in_.number() - 1);
    return static_cast<std::uint16_t>(out_.number()) != read ||
           (or_room && !is_used(last, std::memory_order_relaxed));
  }

 private:
  // In the place of a lap: the line holds a message.
  static constexpr std::uint64_t kUsed = 1;
  static Control used(std::uint32_t header) {
    return Control().with<control::header>(header).with<control::lap>(kUsed);
  }
  static bool is_used(Control seen) { return (seen.get<control::lap>() & kUsed) != 0; }
  static bool is_used(const Line& line, std::memory_order order) {
    return is_used(Control(line.control.load(order)));
  }

  Cursor out_;
  Cursor in_;
};
static_assert(End<UsedBit>);

}  // namespace sprat::urpc
