// channel.hh — a conversation by URPC between two cores, for coroutines or a sink (waiting.hh).
//
// A sender without room must receive the lines that are there before it can learn of room (urpc/ring.hh). While a sender waits,
// messages are received and kept, kMostKept at most: a process that sends much must also receive.

#pragma once

#include <algorithm>
#include <optional>

#include "lib/waiting.hh"
#include "urpc/epoch.hh"
#include "urpc/sleep.hh"

namespace sprat {

// Signals another dispatcher, through a capability to its line.
struct Doorbell {
  CapAddress irq;
  std::uint64_t line = 0;  // counted from the first of the capability

  // A process that this wakes sees all that was stored before: the kernel's message to the other core is behind it.
  void operator()() const;
};

class Channel final : public Waiting<Channel, urpc::kPayloadWords> {
 public:
  Channel() = default;  // closed
  // All waiters get peer_gone.
  ~Channel() { close(); }

  // Begins a conversation for which `loop` polls. `doorbell` wakes the peer; the peer's doorbell wakes this process by kSignalled.
  void open(EventLoop& loop, const urpc::View& view, Doorbell doorbell);

  // Ends it, without a word to the peer. All waiters get peer_gone.
  void close();

  bool is_open() const { return end_.has_value(); }

  // The peer is signalled for all lines sent so far, if it sleeps: for a process that computes for long without waiting
  // (urpc/sleep.hh).
  void settle() {
    if (end_) end_->settle();
  }

  //@ since monitor
  // ---- for code that takes lines itself, while no coroutine may be resumed (span/home_while_blocked.hh)

  using End = urpc::SleepyEnd<urpc::Epoch, Doorbell>;

  // The end itself; only of a channel that is open.
  End& end() { return *end_; }

  // Keeps lines in `room`, of kMostKept at least, from now on; before the first is kept.
  void set_room(std::span<urpc::Message<>> room) { kept_ = room; }

  // Receives all lines that are there, and offers them, with the ones that were kept before, to `take`. Keeps those for which it
  // returns false, in their order.
  //   out_of_memory   the room is full
  //   malformed       the peer broke the rules
  template <class Take>
  Result<void> sift(Take take) {
    for (;;) {
      Result<void> kept;
      while (kept) kept = keep(kept_.size());
      std::size_t left = 0;
      for (std::size_t i = 0; i < kept_count_; ++i) {
        const urpc::Message<> line = nth_kept(i);
        if (!take(line)) nth_kept(left++) = line;
      }
      kept_count_ = left;
      waiters_changed();
      if (kept.error() != Error::again) return kept;
      if (!end_->has_line()) return {};
      if (kept_count_ == kept_.size()) return Error::out_of_memory;
    }
  }

  //@ end
 private:
  friend Waiting;

  // ---- for Waiting
  //   again       there is no room; there is no line
  //   peer_gone   the peer has gone, and all that it sent has been received; or the channel is closed
  //   malformed   the peer broke the rules
  template <std::size_t kWords>
  SPRAT_INLINE Result<void> send_now(const urpc::Message<kWords>& message) {
    if (!end_ || end_->peer_is_gone()) return Error::peer_gone;
    return end_->send(message);
  }
  template <std::size_t kWords>
  SPRAT_INLINE Result<void> receive_now(urpc::Message<kWords>& message) {
    if (kept_count_ != 0) [[unlikely]]
      return take_kept(message);
    if (!end_) return Error::peer_gone;
    const auto received = end_->receive(message);
    const bool is_over = !received && received.error() == Error::again && end_->peer_is_gone();
    return is_over ? Error::peer_gone : received;
  }

  void waiters_changed() { direct_sink_ = any_sender() || kept_count_ != 0 ? nullptr : sink(); }

  // ---- for the event loop (source.hh)
  bool poll() override;
  void announce() override;
  bool look_again() override;
  void withdraw() override;

  bool poll_for_sink();
  bool poll_for_waiters();
  bool poll_for_senders();
  bool make_room();
  Result<void> keep(std::size_t most = kMostKept);
  urpc::Message<>& nth_kept(std::size_t n) { return kept_[(kept_first_ + n) % kept_.size()]; }

  // Whether receive_now would return anything but `again`.
  bool has_something() const {
    return kept_count_ != 0 || end_->has_line() || end_->peer_is_gone();
  }

  // The oldest that is kept.
  template <std::size_t kWords>
  [[gnu::noinline]] Result<void> take_kept(urpc::Message<kWords>& message) {
    const urpc::Message<>& oldest = nth_kept(0);
    message.header = oldest.header;
    std::copy_n(oldest.words.begin(), kWords, message.words.begin());
    kept_first_ = (kept_first_ + 1) % kept_.size();
    --kept_count_;
    return {};
  }

  static constexpr std::size_t kMostKept = 8;  // for senders

  std::optional<urpc::SleepyEnd<urpc::Epoch, Doorbell>> end_;
  std::size_t kept_first_ = 0, kept_count_ = 0;
  std::array<urpc::Message<>, kMostKept> room_;
  std::span<urpc::Message<>> kept_ = room_;
  bool has_announced_ = false;
  Sink<kLineWords>* direct_sink_ =
      nullptr;  // the sink, while no sender waits and no message is kept
};

}  // namespace sprat
