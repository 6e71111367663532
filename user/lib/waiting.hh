// waiting.hh — send and receive for coroutines, over any transport that can say `again`.
//
//   co_await link.send(message)     Result<void>
//   co_await link.receive()         Result<urpc::Message<kWords>>
//
// An operation that can be done at once is done at once, without a turn of the event loop. Otherwise the coroutine waits in one
// of two queues. When a poll finds that the transport has something for the first waiter of a queue, it resumes that one:
//
//     receivers ── ── ──┐         receive  ┌───────────┐  send   ┌── ── ── senders
//                       └──────────────────┤ transport ├─────────┘
//        or a sink ────────────────────────┤           │
//                                          └───────────┘
//
// With a sink (sink.hh), each line goes there, and no coroutine receives.
//
// A task that is destroyed while it waits has sent nothing, and the message that it would have received goes to the next
// receiver: a message is taken in the moment in which its receiver is resumed.

#pragma once

#include "lib/event_loop.hh"
#include "lib/sink.hh"

namespace sprat {

// The base class of a Transport whose lines have kWords words. The Transport has send_now(message) and receive_now(message),
// which return `again` if there is no room or no line; is_open(); and waiters_changed(), which is called when a sender or a sink
// has come, or a sink has gone.
template <class Transport, std::size_t kWords>
class Waiting : public Source {
 public:
  static constexpr std::size_t kLineWords = kWords;

  // A coroutine in one of the queues. Its result is `again` until the operation is done, or has failed.
  struct Operation : Waiter {
    Result<void> result = Error::again;
    bool is_over() const { return result.ok() || result.error() != Error::again; }
  };

  template <std::size_t kSent>
  class Sending : Operation {
   public:
    static_assert(kSent <= kWords);
    Sending(Waiting& link, const urpc::Message<kSent>& message) : link_(link), message_(message) {}
    bool await_ready() {
      this->result = link_.try_send(message_);
      return this->is_over();
    }
    void await_suspend(std::coroutine_handle<> waiting) {
      this->coroutine = waiting;
      link_.add_sender(*this);
    }
    Result<void> await_resume() {
      //@ lab urpc.5b:
      if (!this->is_over()) this->result = link_.transport().send_now(message_);
      //@ end
      return this->result;
    }

   private:
    Waiting& link_;
    const urpc::Message<kSent>& message_;
  };

  class Receiving : Operation {
   public:
    explicit Receiving(Waiting& link) : link_(link) {}
    bool await_ready() {
      this->result = link_.try_receive(message_);
      return this->is_over();
    }
    void await_suspend(std::coroutine_handle<> waiting) {
      this->coroutine = waiting;
      link_.receivers_.push_back(*this);
    }
    Result<urpc::Message<kWords>> await_resume() {
      if (!this->result) return this->result.error();
      return message_;
    }

   private:
    friend Waiting;
    Waiting& link_;
    urpc::Message<kWords> message_;
  };

  // Completes with the result of try_send or try_receive; never with `again`. `message` must exist until then.
  template <std::size_t kSent>
  Sending<kSent> send(const urpc::Message<kSent>& message) {
    return {*this, message};
  }
  Receiving receive() { return Receiving(*this); }

  // Sends or receives without waiting.
  //   again       there is no room, or no line; or coroutines wait for it
  //   peer_gone, malformed   the conversation has ended
  template <std::size_t kSent>
  SPRAT_INLINE Result<void> try_send(const urpc::Message<kSent>& message) {
    //@ lab urpc.5a: return Error::not_implemented;
    if (!senders_.empty()) return Error::again;
    return transport().send_now(message);
    //@ end
  }
  template <std::size_t kReceived>
  SPRAT_INLINE Result<void> try_receive(urpc::Message<kReceived>& message) {
    //@ lab urpc.5c: return Error::not_implemented;
    if (!receivers_.empty()) return Error::again;
    return transport().receive_now(message);
    //@ end
  }

  // Hands all lines to `sink` from now on, at the polls of the loop; with null, to coroutines again. If the link is closed, the
  // sink is told at once.
  void set_sink(Sink<kWords>* sink) {
    sink_ = sink;
    transport().waiters_changed();
    if (sink != nullptr && !transport().is_open()) end_all(Error::peer_gone);
  }

  // Resumes the coroutine of `waiter`, which waits for something else, when its turn comes.
  void make_ready(Waiter& waiter) { loop_->make_ready(waiter); }

 protected:
  // ---- for the polls of the transport

  bool any_sender() const { return !senders_.empty(); }
  bool any_receiver() const { return sink_ != nullptr || !receivers_.empty(); }

  // Hands the next line, or the error that ended the conversation, to the sink or the first receiver. That may destroy `this`.
  // Returns whether there was one.
  SPRAT_INLINE bool deliver() {
    if (sink_ != nullptr) return deliver_to_sink();
    if (receivers_.empty()) return false;
    //@ lab urpc.5d: return false;
    auto& first = static_cast<Receiving&>(static_cast<Operation&>(receivers_.front()));
    first.result = transport().receive_now(first.message_);
    if (!first.is_over()) return false;
    resume(first);
    return true;
    //@ end
  }

  [[gnu::noinline]] bool deliver_to_sink() {
    urpc::Message<kWords> line;
    const auto received = transport().receive_now(line);
    if (!received && received.error() == Error::again) return false;
    if (received) {
      sink_->take(line);
    } else {
      end_sink(received.error());
    }
    return true;
  }

  void end_sink(Error error) {
    Sink<kWords>* const sink = std::exchange(sink_, nullptr);
    transport().waiters_changed();
    if (sink != nullptr) sink->end(error);
  }

  Sink<kWords>* sink() const { return sink_; }

  // Resumes the first sender, which sends: there is room. That may destroy `this`.
  void resume_sender() {
    //@ lab urpc.5e:
    resume(static_cast<Operation&>(senders_.front()));
    //@ end
  }

  // Ends all that waits with `error`. Waiters are resumed when their turns come.
  void end_all(Error error) {
    //@ lab urpc.5f:
    for (WaiterList* queue : {&receivers_, &senders_}) {
      while (!queue->empty()) {
        auto& operation = static_cast<Operation&>(queue->front());
        operation.result = error;
        loop_->make_ready(operation);
      }
    }
    //@ end
    end_sink(error);
  }

  EventLoop* loop_ = nullptr;

 private:
  SPRAT_INLINE Transport& transport() { return static_cast<Transport&>(*this); }

  static void resume(Operation& operation) {
    operation.leave();
    operation.coroutine.resume();
  }

  void add_sender(Operation& sender) {
    senders_.push_back(sender);
    transport().waiters_changed();
  }

  WaiterList receivers_, senders_;
  Sink<kWords>* sink_ = nullptr;
};

}  // namespace sprat
