// waiting.hh — send and receive as coroutines have them, for any transport that can say `again`.
//
//   co_await link.send(message)     Result<void>
//   co_await link.receive()         Result<urpc::Message<kWords>>
//
// What can be done at once is done at once, without a turn of the event loop. Whoever must wait stands in one of two queues,
// and when the transport finds that there is something for the first of a queue, that one goes on:
//
//     receivers ── ── ──┐         receive  ┌───────────┐  send   ┌── ── ── senders
//                       └──────────────────┤ transport ├─────────┘
//                                          └───────────┘
//
// A task that is destroyed while it waits has sent nothing, and the message it would have received is the next one's: a
// message is taken in the moment in which its receiver goes on.

#pragma once

#include "lib/event_loop.hh"
#include "urpc/message.hh"

namespace sprat {

// What a Transport, whose messages have kWords words, has from it. It has try_send(message) and try_receive(message), which
// say `again` to who must wait, and has_something(): is it worth while to try_receive?
template <class Transport, std::size_t kWords>
class Waiting {
 public:
  static constexpr std::size_t kLineWords = kWords;

  class One : protected Waiter {
   public:
    explicit One(Waiting& its_link) : link(its_link) {}

   protected:
    friend Waiting;
    void stand_in(WaiterList& queue, std::coroutine_handle<> waiting) {
      coroutine = waiting;
      queue.push_back(*this);
    }
    bool is_told() const { return result.ok() || result.error() != Error::again; }
    Transport& transport() const { return static_cast<Transport&>(link); }

    Waiting& link;
    Result<void> result = Error::again;
  };

  template <std::size_t kSent>
  class Sending : One {
   public:
    static_assert(kSent <= kWords);
    Sending(Waiting& its_link, const urpc::Message<kSent>& message)
        : One(its_link), message_(message) {}
    bool await_ready() { return this->link.senders_.empty() && try_it(); }
    void await_suspend(std::coroutine_handle<> waiting) {
      this->stand_in(this->link.senders_, waiting);
    }
    Result<void> await_resume() {
      if (!this->is_told()) try_it();
      return this->result;
    }

   private:
    bool try_it() {
      this->result = this->transport().try_send(message_);
      return this->is_told();
    }
    const urpc::Message<kSent>& message_;
  };

  class Receiving : One {
   public:
    explicit Receiving(Waiting& its_link) : One(its_link) {}
    bool await_ready() {
      return this->link.receivers_.empty() && this->transport().has_something() && try_it();
    }
    void await_suspend(std::coroutine_handle<> waiting) {
      this->stand_in(this->link.receivers_, waiting);
    }
    Result<urpc::Message<kWords>> await_resume() {
      if (!this->result) return this->result.error();
      return message_;
    }

   private:
    friend Waiting;
    bool try_it() {
      this->result = this->transport().try_receive(message_);
      return this->is_told();
    }
    urpc::Message<kWords> message_;
  };

  // What try_send and try_receive say, but `again`. `message` must be there until then.
  template <std::size_t kSent>
  Sending<kSent> send(const urpc::Message<kSent>& message) {
    return {*this, message};
  }
  Receiving receive() { return Receiving(*this); }

  // The coroutine of `waiter`, which waits for something else, goes on when its turn comes.
  void make_ready(Waiter& waiter) { loop_->make_ready(waiter); }

 protected:
  // ---- for the transport. When somebody has gone on, the transport may be gone.

  bool any_receiver() const { return !receivers_.empty(); }
  bool any_sender() const { return !senders_.empty(); }

  // The first receiver goes on with what there is for it. False: there is nothing.
  bool serve_receiver() {
    auto& first = static_cast<Receiving&>(static_cast<One&>(receivers_.front()));
    if (!first.try_it()) return false;
    go_on(first);
    return true;
  }

  // The first sender goes on: there is room.
  void serve_sender() { go_on(static_cast<One&>(senders_.front())); }

  // All go on, when their turns come, with `error`.
  void tell_all(Error error) {
    for (WaiterList* queue : {&receivers_, &senders_}) {
      while (!queue->empty()) {
        auto& one = static_cast<One&>(queue->front());
        one.result = error;
        loop_->make_ready(one);
      }
    }
  }

  EventLoop* loop_ = nullptr;

 private:
  static void go_on(One& one) {
    one.leave();
    one.coroutine.resume();
  }

  WaiterList receivers_, senders_;
};

}  // namespace sprat
