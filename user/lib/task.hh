// task.hh — Task<T>: a function that waits in the middle, as if it were alone: a coroutine.
//
//   Task<int> sum(EventLoop& loop) {
//     const auto bits = co_await loop.notified(3);   // others run meanwhile
//     const auto more = co_await other_task();       // Result<T>
//     if (!more) co_return more.error();
//     co_return 7;
//   }
//
// A task does nothing until it is awaited or an event loop starts it. It owns its coroutine: a task that is destroyed
// ends in the middle, and all of its local objects, tasks it waits for among them, are destroyed with it. If there is no memory
// for the coroutine, the task is there all the same, and its result is Error::out_of_memory.

#pragma once

#include <coroutine>
#include <cstddef>
#include <utility>

#include "lib/heap.hh"
#include "sprat/list.hh"
#include "sprat/result.hh"

namespace sprat {

// A coroutine that waits, as a member of a list of such. It leaves the list when it is destroyed.
struct Waiter {
  Waiter() = default;
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  ~Waiter() { leave(); }

  void leave() { links.leave(); }

  Links links{};
  std::coroutine_handle<> coroutine;
};

// First come, first served.
class WaiterList {
 public:
  WaiterList() = default;
  // Waiters may be destroyed after it.
  ~WaiterList() {
    while (!empty()) front().leave();
  }

  bool empty() const { return list_.is_empty(); }
  Waiter& front() const { return *list_.first(); }

  void push_back(Waiter& waiter) {
    waiter.leave();
    list_.push_back(waiter);
  }

  // Returns the first waiter for which `holds`, or null.
  template <class Holds>
  Waiter* find(Holds holds) const {
    return list_.find(holds);
  }

 private:
  List<Waiter, offsetof(Waiter, links)> list_;
};

template <class T = void>
class [[nodiscard]] Task {
 public:
  struct promise_type;
  using Coroutine = std::coroutine_handle<promise_type>;

  Task() = default;  // its result is Error::out_of_memory
  Task(Task&& other) noexcept : coroutine_(std::exchange(other.coroutine_, {})) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(coroutine_, other.coroutine_);
    return *this;
  }
  ~Task() {
    if (coroutine_) coroutine_.destroy();
  }

  bool done() const { return !coroutine_ || coroutine_.done(); }

  // Returns the result, which is moved; once, and only when done.
  Result<T> result() const {
    if (!coroutine_) return Error::out_of_memory;
    return std::move(coroutine_.promise().result);
  }

  // For an event loop: how to begin.
  Waiter* starter() { return coroutine_ ? &coroutine_.promise().starter : nullptr; }

  // For an event loop: the coroutine; only when not done.
  std::coroutine_handle<> handle() const { return coroutine_; }

  // co_await task: runs it to its end; gives its result.
  auto operator co_await() const {
    struct Awaiter {
      const Task& task;

      bool await_ready() const { return task.done(); }
      std::coroutine_handle<> await_suspend(std::coroutine_handle<> waiting) const {
        task.coroutine_.promise().continuation = waiting;
        return task.coroutine_;
      }
      Result<T> await_resume() const { return task.result(); }
    };
    return Awaiter{*this};
  }

  //@ since monitor
  // co_await task.join(): the same for a task that an event loop has started. The awaiting coroutine owns it.
  auto join() const {
    struct Joiner {
      const Task& task;

      bool await_ready() const { return task.done(); }
      void await_suspend(std::coroutine_handle<> waiting) const {
        task.coroutine_.promise().continuation = waiting;
      }
      Result<T> await_resume() const { return task.result(); }
    };
    return Joiner{*this};
  }

  //@ end
 private:
  explicit Task(Coroutine coroutine) : coroutine_(coroutine) {}

  Coroutine coroutine_;
};

template <class T>
struct Task<T>::promise_type {
  // Resumes the coroutine that awaits this one.
  struct End {
    bool await_ready() const noexcept { return false; }
    std::coroutine_handle<> await_suspend(Coroutine ended) const noexcept {
      const std::coroutine_handle<> waiting = ended.promise().continuation;
      return waiting ? waiting : std::noop_coroutine();
    }
    void await_resume() const noexcept {}
  };

  promise_type() { starter.coroutine = Coroutine::from_promise(*this); }

  static void* operator new(std::size_t bytes) noexcept { return allocate(bytes); }
  static void operator delete(void* memory) noexcept { release(memory); }
  static Task get_return_object_on_allocation_failure() { return Task(); }

  Task get_return_object() { return Task(Coroutine::from_promise(*this)); }
  std::suspend_always initial_suspend() noexcept { return {}; }
  End final_suspend() noexcept { return {}; }
  void return_value(Result<T> value) { result = std::move(value); }
  void unhandled_exception() noexcept { __builtin_trap(); }  // there are none

  Result<T> result = Error::invalid_argument;
  std::coroutine_handle<> continuation;
  Waiter starter;
};

}  // namespace sprat
