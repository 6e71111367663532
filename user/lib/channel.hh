// channel.hh — a conversation by URPC, as coroutines have it: send and receive wait, and nobody else does meanwhile.
//
//   co_await channel.send(message)     Result<void>
//   co_await channel.receive()         Result<urpc::Message<>>
//
// What can be done at once is done at once, without a turn of the event loop. Whoever must wait stands in one of two queues,
// and the event loop tries for the first of each whenever it looks at the channel:
//
//     receivers ── ── ──┐  ring.receive  ┌────────┐  ring.send  ┌── ── ── senders
//                       └────────────────┤ Channel├─────────────┘
//                                        └────────┘
//
// Room to send comes with the peer's lines, which stand behind its messages. While somebody waits for room and nobody receives,
// messages are taken in and kept, kMostKept at most: whoever sends much must also receive.
//
// A task that is destroyed while it waits leaves its queue; a message that was received for it already is lost with it.

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
    if (!end_) return Error::peer_gone;
    if (kept_count_ != 0) [[unlikely]] {
      take_kept(message);
      return {};
    }
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
  // Somebody in one of the queues; `attempt` does what it waits for, or says `again`.
  struct Queued : Waiter {
    using Attempt = Result<void> (*)(Queued& self);

    Queued(Channel& its_channel, WaiterList& its_queue, Attempt its_attempt)
        : channel(its_channel), queue(its_queue), attempt(its_attempt) {}

    bool succeeds() {
      result = attempt(*this);
      return result || result.error() != Error::again;
    }

    // Nobody goes before those who wait already.
    bool await_ready() { return queue.empty() && succeeds(); }
    void await_suspend(std::coroutine_handle<> waiting) {
      coroutine = waiting;
      queue.push_back(*this);
    }

    Channel& channel;
    WaiterList& queue;
    Attempt attempt;
    Result<void> result;
  };

 public:
  template <std::size_t kWords>
  class Sending : public Queued {
   public:
    Sending(Channel& its_channel, const urpc::Message<kWords>& message)
        : Queued(its_channel, its_channel.senders_, try_it), message_(message) {}
    Result<void> await_resume() const { return this->result; }

   private:
    static Result<void> try_it(Queued& self) {
      return self.channel.try_send(static_cast<Sending&>(self).message_);
    }
    const urpc::Message<kWords>& message_;
  };

  class Receiving : public Queued {
   public:
    explicit Receiving(Channel& its_channel)
        : Queued(its_channel, its_channel.receivers_, try_it) {}
    Result<urpc::Message<>> await_resume() const {
      if (!result) return result.error();
      return message_;
    }

   private:
    static Result<void> try_it(Queued& self) {
      return self.channel.try_receive(static_cast<Receiving&>(self).message_);
    }
    urpc::Message<> message_;
  };

  // What try_send and try_receive say, but `again`. `message` must be there until then.
  template <std::size_t kWords>
  Sending<kWords> send(const urpc::Message<kWords>& message) {
    return {*this, message};
  }
  Receiving receive() { return Receiving(*this); }

 private:
  friend class EventLoop;

  // ---- what the event loop does with all of its channels (urpc/sleep.hh: wait_for_any)

  // Whoever need not wait any longer is made ready.
  void look();
  void announce();
  void withdraw();

  void serve(WaiterList& queue);
  void make_room();

  // The oldest that is kept.
  template <std::size_t kWords>
  void take_kept(urpc::Message<kWords>& message) {
    const urpc::Message<>& oldest = kept_[kept_first_];
    message.header = oldest.header;
    std::copy_n(oldest.words.begin(), kWords, message.words.begin());
    kept_first_ = (kept_first_ + 1) % kMostKept;
    --kept_count_;
  }

  std::optional<urpc::SleepyEnd<urpc::Epoch, Doorbell>> end_;
  static constexpr std::size_t kMostKept = 8;
  std::array<urpc::Message<>, kMostKept> kept_;
  std::size_t kept_first_ = 0, kept_count_ = 0;
  EventLoop* loop_ = nullptr;
  Channel* previous_ = nullptr;  // in the list of its loop
  Channel* next_ = nullptr;
  WaiterList receivers_, senders_;
  bool has_announced_ = false;
};

}  // namespace sprat
