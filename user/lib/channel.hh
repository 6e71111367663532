// channel.hh — a conversation by URPC, as coroutines have it: send and receive wait, and nobody else does meanwhile.
//
//   co_await channel.send(message)     Result<void>
//   co_await channel.receive()         Result<urpc::Message<>>
//
// What can be done at once is done at once, without a turn of the event loop. Whoever must wait stands in one of two queues,
// and when the event loop looks at the channel and there is something for the first of a queue, that one goes on:
//
//     receivers ── ── ──┐  kept ◄── receive  ┌──────┐  send   ┌── ── ── senders
//                       └───────────────────┤ ring ├─────────┘
//                                            └──────┘
//
// A task that is destroyed while it waits has sent nothing, and the message it would have received is the next one's.
//
// Room to send comes with the peer's lines, which stand behind its messages. While somebody waits for room and nobody receives,
// messages are taken in and kept, kMostKept at most: whoever sends much must also receive.

#pragma once

#include <algorithm>
#include <optional>

#include "lib/event_loop.hh"
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

class Channel {
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

  // ---- waiting

 private:
  struct Waiting : Waiter {
    explicit Waiting(Channel& its_channel) : channel(its_channel) {}

    void stand_in(WaiterList& queue, std::coroutine_handle<> waiting) {
      coroutine = waiting;
      queue.push_back(*this);
    }
    bool is_told() const { return result.ok() || result.error() != Error::again; }

    Channel& channel;
    Result<void> result = Error::again;
  };

 public:
  template <std::size_t kWords>
  class Sending : Waiting {
   public:
    Sending(Channel& its_channel, const urpc::Message<kWords>& message)
        : Waiting(its_channel), message_(message) {}
    bool await_ready() { return channel.senders_.empty() && try_it(); }
    void await_suspend(std::coroutine_handle<> waiting) { stand_in(channel.senders_, waiting); }
    Result<void> await_resume() {
      if (!is_told()) try_it();
      return result;
    }

   private:
    bool try_it() {
      result = channel.try_send(message_);
      return is_told();
    }
    const urpc::Message<kWords>& message_;
  };

  class Receiving : Waiting {
   public:
    explicit Receiving(Channel& its_channel) : Waiting(its_channel) {}
    bool await_ready() { return channel.receivers_.empty() && channel.has_something() && try_it(); }
    void await_suspend(std::coroutine_handle<> waiting) { stand_in(channel.receivers_, waiting); }
    Result<urpc::Message<>> await_resume() {
      if (!result) return result.error();
      return message_;
    }

   private:
    friend class Channel;
    bool try_it() {
      result = channel.try_receive(message_);
      return is_told();
    }
    urpc::Message<> message_;
  };

  static constexpr std::size_t kLineWords = urpc::kPayloadWords;

  // What try_send and try_receive say, but `again`. `message` must be there until then.
  template <std::size_t kWords>
  Sending<kWords> send(const urpc::Message<kWords>& message) {
    return {*this, message};
  }
  Receiving receive() { return Receiving(*this); }

  // The coroutine of `waiter`, which waits for something else, goes on when its turn comes.
  void make_ready(Waiter& waiter) { loop_->make_ready(waiter); }

 private:
  friend class EventLoop;

  // ---- what the event loop does with all of its channels (urpc/sleep.hh: wait_for_any)

  // If there is something for the first of a queue, that one goes on, and what was `this` may be gone. False: nobody has.
  SPRAT_INLINE bool serve() {
    end_->knock();
    if (!senders_.empty()) [[unlikely]]
      return serve_sender();
    return !receivers_.empty() && has_something() && serve_receiver();
  }
  bool serve_sender();
  bool serve_receiver();
  static void go_on(Waiting& waiting);
  bool make_room();
  Result<void> keep();

  // Is it worth while to try_receive?
  SPRAT_INLINE bool has_something() const {
    return kept_count_ != 0 || !end_ || end_->has_line() || end_->peer_is_gone();
  }

  void announce();
  // After that: would `serve` perhaps find something?
  bool look_again();
  void withdraw();
  bool has_waiting() const { return !receivers_.empty() || !senders_.empty(); }

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
  WaiterList receivers_, senders_;
  EventLoop* loop_ = nullptr;
  Channel* previous_ = nullptr;  // in the list of its loop
  Channel* next_ = nullptr;
  static constexpr std::size_t kMostKept = 8;
  std::size_t kept_first_ = 0, kept_count_ = 0;
  std::array<urpc::Message<>, kMostKept> kept_;
  bool has_announced_ = false;
};

}  // namespace sprat
