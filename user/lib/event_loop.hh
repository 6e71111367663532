// event_loop.hh — lets the coroutines of a process take turns, and the process sleep while all of them wait.

#pragma once

#include "lib/lrpc.hh"
#include "lib/task.hh"
//@ since urpc
#include "lib/visited.hh"
//@ end

namespace sprat {
//@ since urpc
class Channel;
class LrpcLink;
//@ end

class EventLoop {
 public:
  // Lets `task`, which stays the caller's, begin when its turn comes.
  template <class T>
  void start(Task<T>& task) {
    if (Waiter* const starter = task.starter()) ready_.push_back(*starter);
  }

  // Runs `task`, and all others meanwhile, until it has ended.
  template <class T>
  Result<T> run(Task<T> task) {
    start(task);
    while (!task.done()) step();
    return task.result();
  }

  class Turn {
   public:
    explicit Turn(EventLoop& loop) : loop_(loop) {}
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
      waiter_.coroutine = waiting;
      loop_.ready_.push_back(waiter_);
    }
    void await_resume() const {}

   private:
    EventLoop& loop_;
    Waiter waiter_;
  };

  struct WaiterForBits : Waiter {
    std::uint64_t wanted = 0;
    std::uint64_t came = 0;  // of them
  };

  class Notified {
   public:
    Notified(EventLoop& loop, std::uint64_t bits) : loop_(loop) { waiter_.wanted = bits; }
    bool await_ready() {
      waiter_.came = loop_.take(waiter_.wanted);
      return waiter_.came != 0;
    }
    void await_suspend(std::coroutine_handle<> waiting) {
      waiter_.coroutine = waiting;
      loop_.waiting_.push_back(waiter_);
    }
    std::uint64_t await_resume() const { return waiter_.came; }

   private:
    EventLoop& loop_;
    WaiterForBits waiter_;
  };

  // co_await loop.turn(): lets all others that are ready go first.
  Turn turn() { return Turn(*this); }

  // co_await loop.notified(bits): waits until one of the notifications `bits` has come; gives, and takes, those that have.
  Notified notified(std::uint64_t bits) { return Notified(*this, bits); }

  //@ since urpc
  // For how long channels are polled before the process sleeps, in cycles of the time-stamp counter. The best is what a wake-up
  // costs: the doorbell on this side, the interrupt and the upcall on the other.
  void set_poll_cycles(std::uint64_t poll_cycles) { poll_cycles_ = poll_cycles; }

  // co_await loop.rung(): waits until a doorbell of this process is rung; all who wait go on then.
  auto rung() {
    struct Rung {
      EventLoop& loop;
      Waiter waiter{};

      bool await_ready() const { return false; }
      void await_suspend(std::coroutine_handle<> waiting) {
        waiter.coroutine = waiting;
        loop.rung_.push_back(waiter);
      }
      void await_resume() const {}
    };
    return Rung{*this};
  }
  //@ end

  // co_await loop.next_call(): the next call that is not answered in its upcall. It must be answered.
  Task<Call> next_call();

 private:
  // Resumes one coroutine that is ready; if there is none, sleeps until something comes.
  void step();

  // Those of `bits` that have come and nobody has taken.
  std::uint64_t take(std::uint64_t bits) {
    const std::uint64_t taken = came_ & bits;
    came_ &= ~taken;
    return taken;
  }

  // Makes ready all who need not wait any longer. False: nobody is ready, and nobody went on.
  bool look();

  // Sleeps until there is somebody.
  void wait();

  // Those who wait for notifications that have come are made ready.
  void wake();

  // While somebody is ready, others are looked for each so many turns.
  static constexpr unsigned kTurns = 8;

  WaiterList ready_, waiting_;
  std::uint64_t came_ = 0;  // what has come and nobody has waited for yet
  unsigned turns_ = 0;
  //@ since urpc

  // ---- conversations, which this loop looks after while they are open: channels whenever it looks, those by LRPC when
  // this process was rung for
  friend class Channel;
  friend class LrpcLink;
  template <class Transport, std::size_t kWords>
  friend class Waiting;
  void make_ready(Waiter& waiter) { ready_.push_back(waiter); }
  void answer_bell();

  struct AllChannels;

  WaiterList rung_;
  Visited<Channel> channels_;
  Visited<LrpcLink> lrpc_links_;
  std::uint64_t poll_cycles_ = 2'000;
  //@ end
};

}  // namespace sprat
