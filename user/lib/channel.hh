// channel.hh — a conversation by URPC between two cores, which coroutines have as in waiting.hh.
//
// A sender without room must receive the lines that are there before it can learn of room (urpc/ring.hh). While a sender waits and
// no coroutine receives, messages are taken in and kept, kMostKept at most: a process that sends much must also receive.

#pragma once

#include <algorithm>
#include <optional>

#include "lib/waiting.hh"
#include "urpc/epoch.hh"
#include "urpc/sleep.hh"

namespace sprat {

// Rings at another dispatcher, through a capability to its line.
struct Doorbell {
  CapAddress irq;
  std::uint64_t line = 0;  // counted from the first of the capability

  // Who wakes up sees all that was stored before: the kernel's message to the other core is behind it.
  void operator()() const;
};

class Channel : public Waiting<Channel, urpc::kPayloadWords> {
 public:
  Channel() = default;  // closed
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  // Whoever waits here is told that the peer is gone.
  ~Channel() { close(); }

  // Begins a conversation that `loop` looks after. `bell` wakes the peer; its own wakes this process by kRung.
  void open(EventLoop& loop, const urpc::View& view, Doorbell bell);

  // Ends it, without a word to the peer.
  void close();

  bool is_open() const { return end_.has_value(); }

  // Sends or receives now.
  //   again       there is no room; there is nothing
  //   peer_gone   nobody is there any more, and all that was sent has been received; or the channel is closed
  //   malformed   the peer broke the rules
  template <std::size_t kWords>
  Result<void> try_send(const urpc::Message<kWords>& message) {
    if (!end_ || end_->peer_is_gone()) return Error::peer_gone;
    return end_->send(message);
  }
  template <std::size_t kWords>
  Result<void> try_receive(urpc::Message<kWords>& message) {
    if (kept_count_ != 0) [[unlikely]]
      return take_kept(message);
    if (!end_) return Error::peer_gone;
    const auto received = end_->receive(message);
    const bool is_over = !received && received.error() == Error::again && end_->peer_is_gone();
    return is_over ? Error::peer_gone : received;
  }

  // From now on what was sent is not late any more: for a process that computes for long without waiting (urpc/sleep.hh).
  void settle() {
    if (end_) end_->settle();
  }

  // Is it worth while to try_receive?
  SPRAT_INLINE bool has_something() const {
    return kept_count_ != 0 || !end_ || end_->has_line() || end_->peer_is_gone();
  }

 private:
  friend class EventLoop;
  template <class Member>
  friend class Visited;

  // ---- what the event loop does with all of its channels (urpc/sleep.hh: wait_for_any)

  // If there is something for the first of a queue, that one goes on, and what was `this` may be gone. False: nobody has.
  SPRAT_INLINE bool serve() {
    end_->wake_peer();
    if (any_sender()) [[unlikely]]
      return serve_both();
    return any_receiver() && has_something() && serve_receiver();
  }
  bool serve_both();
  bool make_room();
  Result<void> keep();

  void announce();
  // After that: would `serve` perhaps find something?
  bool look_again();
  void withdraw();

  // The oldest that is kept.
  template <std::size_t kWords>
  [[gnu::noinline]] Result<void> take_kept(urpc::Message<kWords>& message) {
    const urpc::Message<>& oldest = kept_[kept_first_];
    message.header = oldest.header;
    std::copy_n(oldest.words.begin(), kWords, message.words.begin());
    kept_first_ = (kept_first_ + 1) % kMostKept;
    --kept_count_;
    return {};
  }

  std::optional<urpc::SleepyEnd<urpc::Epoch, Doorbell>> end_;
  Channel* previous_ = nullptr;  // in the list of its loop
  Channel* next_ = nullptr;
  static constexpr std::size_t kMostKept = 8;
  std::size_t kept_first_ = 0, kept_count_ = 0;
  std::array<urpc::Message<>, kMostKept> kept_;
  bool has_announced_ = false;
};

}  // namespace sprat
