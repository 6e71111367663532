// channel.hh — a conversation by URPC, as coroutines have it: send and receive wait, and nobody else does meanwhile.
//
//   co_await channel.send(message)     Result<void>
//   co_await channel.receive()         Result<urpc::Message<>>
//
// What can be done at once is done at once, without a turn of the event loop. Whoever must wait stands in one of two queues,
// and when the event loop looks at the channel, the first of a queue for whom there is something goes on:
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
    if (kept_count_ != 0) [[unlikely]] {
      take_kept(message);
      return {};
    }
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
  struct Queued;
  // Those who wait for the same, and the one for whom it is there already and whose turn will come.
  struct Queue {
    WaiterList waiting;
    const Queued* next = nullptr;
  };
  struct Queued : Waiter {
    Queued(Channel& its_channel, Queue& its_queue) : channel(its_channel), queue(its_queue) {}
    Queued(const Queued&) = delete;
    Queued& operator=(const Queued&) = delete;
    ~Queued() { leave_queue(); }

    bool is_first() const { return queue.next == nullptr && queue.waiting.empty(); }
    void leave_queue() {
      if (queue.next == this) queue.next = nullptr;
    }
    void await_suspend(std::coroutine_handle<> waiting) {
      coroutine = waiting;
      queue.waiting.push_back(*this);
      result = Error::again;
    }
    bool has_waited() const { return !result && result.error() == Error::again; }

    Channel& channel;
    Queue& queue;
    Result<void> result;
  };

 public:
  template <std::size_t kWords>
  class Sending : public Queued {
   public:
    Sending(Channel& its_channel, const urpc::Message<kWords>& message)
        : Queued(its_channel, its_channel.senders_), message_(message) {}
    bool await_ready() { return this->is_first() && try_it(); }
    Result<void> await_resume() {
      this->leave_queue();
      if (this->has_waited()) try_it();
      return this->result;
    }

   private:
    bool try_it() {
      this->result = this->channel.try_send(message_);
      return !this->has_waited();
    }
    const urpc::Message<kWords>& message_;
  };

  class Receiving : public Queued {
   public:
    explicit Receiving(Channel& its_channel) : Queued(its_channel, its_channel.receivers_) {}
    bool await_ready() { return is_first() && try_it(); }
    Result<urpc::Message<>> await_resume() {
      leave_queue();
      if (has_waited()) try_it();
      if (!result) return result.error();
      return message_;
    }

   private:
    bool try_it() {
      result = channel.try_receive(message_);
      return !has_waited();
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

  // Whoever need not wait any longer is made ready.
  void look();
  void announce();
  void withdraw();

  // Lets the first of a queue go on, unless one is about to.
  void let_go_on(Queue& queue);

  // Need the first receiver, or sender, not wait any longer?
  bool has_something();
  bool has_room();
  Result<void> keep();

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
  Queue receivers_, senders_;
  bool has_announced_ = false;
};

}  // namespace sprat
