// head_tail.hh — a ring as most are: the sender counts the lines it has written, the receiver the lines it has read,
// and each looks at the other's count when its last look says that the ring is full, or empty (Lamport 1983). Here to
// be compared with.
//
// A message moves two lines: its own, and that of the count which says that it is there. Each side has its two counts
// in one line, its status line.

#pragma once

#include "urpc/ring.hh"

namespace sprat::bench {

class HeadTail {
 public:
  // `view` as urpc::view_of makes it, on a frame of zeros.
  explicit HeadTail(const urpc::View& view)
      : outgoing_(view.out),
        incoming_(view.in),
        own_(*view.own_status),
        peer_(*view.peer_status),
        slots_(view.out.size()) {}

  template <std::size_t kWords>
  SPRAT_INLINE Result<void> send(const urpc::Message<kWords>& message) {
    if (written_ == limit()) [[unlikely]] {
      peer_read_ = peer_.words[kRead].load(std::memory_order_acquire);
      if (written_ == limit()) return Error::again;
    }
    urpc::Line& line = outgoing_.line();
    urpc::fill(line, message);
    line.control.store(std::uint64_t{message.header} << 32, std::memory_order_relaxed);
    outgoing_.advance();
    own_.words[kWritten].store(++written_, std::memory_order_release);
    return {};
  }

  template <std::size_t kWords>
  SPRAT_INLINE Result<void> receive(urpc::Message<kWords>& message) {
    if (read_ == peer_written_) [[unlikely]] {
      peer_written_ = peer_.words[kWritten].load(std::memory_order_acquire);
      if (read_ == peer_written_) return Error::again;
    }
    const urpc::Line& line = incoming_.line();
    const urpc::Control control(line.control.load(std::memory_order_relaxed));
    urpc::copy_out(line, control, message);
    incoming_.advance();
    own_.words[kRead].store(++read_, std::memory_order_release);
    return {};
  }

  bool has_line() const { return read_ != peer_.words[kWritten].load(std::memory_order_acquire); }

 private:
  static constexpr std::size_t kWritten = 0, kRead = 1;  // words of a status line

  std::uint64_t limit() const { return peer_read_ + slots_; }

  urpc::Cursor outgoing_, incoming_;
  urpc::Line& own_;
  const urpc::Line& peer_;
  std::uint64_t slots_;
  std::uint64_t written_ = 0, read_ = 0;            // by this side
  std::uint64_t peer_written_ = 0, peer_read_ = 0;  // by the other, when this side last looked
};

}  // namespace sprat::bench
