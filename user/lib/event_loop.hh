// event_loop.hh — lets the coroutines of a process take turns, and the process sleep while all of them wait.

#pragma once

#include "lib/lrpc.hh"
#include "lib/task.hh"
//@ since urpc
#include "lib/sources.hh"
//@ end

namespace sprat {

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
    if (!task.done()) run_until_done(task.handle());
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

  // co_await loop.notified(bits): waits until one of the notifications `bits` has come; takes, and returns, all of them that
  // have come.
  Notified notified(std::uint64_t bits) { return Notified(*this, bits); }

  // co_await loop.next_call(): the next call that is not answered in its upcall. It must be answered.
  Task<Call> next_call();

  // Resumes the coroutine of `waiter`, which is in no other list any more, when its turn comes.
  void make_ready(Waiter& waiter) { ready_.push_back(waiter); }

 private:
  // Resumes coroutines that are ready, and waits while none is, until `task` is done.
  void run_until_done(std::coroutine_handle<> task);
  void resume_next();

  // Blocks until something may have come: returns at once if poll() finds something.
  void wait();

  // Makes the coroutines ready whose notifications have come, and polls the sources. Returns whether there was anything.
  bool poll();
  bool poll_sources();
  void handle_notifications();

  // Returns the notifications of `bits` that have come and that no coroutine has taken, and takes them.
  std::uint64_t take(std::uint64_t bits) {
    const std::uint64_t taken = came_ & bits;
    came_ &= ~taken;
    return taken;
  }

  // While coroutines are ready, the loop polls once in so many turns.
  static constexpr unsigned kTurns = 8;

  WaiterList ready_, waiting_;
  std::uint64_t came_ = 0;  // notifications that no coroutine has waited for yet
  unsigned turns_ = 0;
  //@ since urpc

 public:
  // Things for which this loop polls.
  Sources& sources() { return sources_; }

 private:
  Sources sources_;
  //@ end
};

}  // namespace sprat
