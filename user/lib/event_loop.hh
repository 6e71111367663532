// event_loop.hh — lets the coroutines of a process take turns, and the process sleep while all of them wait.

#pragma once

#include "lib/lrpc.hh"
#include "lib/task.hh"

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

  class Notified {
   public:
    Notified(EventLoop& loop, std::uint64_t bits) : loop_(loop) { waiter_.wanted = bits; }
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> waiting) {
      waiter_.coroutine = waiting;
      loop_.waiting_.push_back(waiter_);
    }
    std::uint64_t await_resume() const { return waiter_.came; }

   private:
    EventLoop& loop_;
    Waiter waiter_;
  };

  // co_await loop.turn(): lets all others that are ready go first.
  Turn turn() { return Turn(*this); }

  // co_await loop.notified(bits): waits until one of the notifications `bits` has come; gives, and takes, those that have.
  Notified notified(std::uint64_t bits) { return Notified(*this, bits); }

  // co_await loop.next_call(): the next call that is not answered in its upcall. It must be answered.
  Task<Call> next_call();

 private:
  // Resumes one coroutine that is ready; if there is none, sleeps until something comes.
  void step();

  // Makes ready who waits for what has come. False: nobody did.
  bool wake();

  WaiterList ready_, waiting_;
  std::uint64_t came_ = 0;  // what has come and nobody has waited for yet
};

}  // namespace sprat
