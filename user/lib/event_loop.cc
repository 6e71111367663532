// event_loop.cc — ready, waiting, asleep.

#include "lib/event_loop.hh"

#include "lib/upcalls.hh"
//@ since urpc
#include "urpc/sleep.hh"
//@ end

namespace sprat {

void EventLoop::resume_next() {
  if (++turns_ % kTurns == 0) poll();
  Waiter& next = ready_.front();
  next.leave();
  next.coroutine.resume();
}

// All of this is one function for the compiler: between two messages of a conversation, the processor stays in it.
[[gnu::flatten]] void EventLoop::run_until_done(std::coroutine_handle<> task) {
  while (!task.done()) {
    if (ready_.empty()) {
      wait();
    } else {
      resume_next();
    }
  }
}

inline bool EventLoop::poll_sources() {
  //@ since urpc
  if (polled_.any([](Source& source) { return source.poll(); })) return true;
  //@ end
  return false;
}

inline bool EventLoop::poll() {
  if (!any_notification()) [[likely]]
    return poll_sources();
  handle_notifications();
  poll_sources();
  return true;
}

[[gnu::noinline]] void EventLoop::handle_notifications() {
  came_ |= take_notifications();
  const auto is_met = [this](const Waiter& waiter) {
    return (static_cast<const WaiterForBits&>(waiter).wanted & came_) != 0;
  };
  while (Waiter* const met = waiting_.find(is_met)) {
    auto& waiter = static_cast<WaiterForBits&>(*met);
    waiter.came = take(waiter.wanted);
    ready_.push_back(waiter);
  }
  //@ since urpc
  if (take(kSignalled) != 0) handle_signal();
  //@ end
}
//@ since urpc

void EventLoop::handle_signal() {
  while (!waiting_for_signal_.empty()) make_ready(waiting_for_signal_.front());
  // A source may have more than one thing: the next poll asks it again.
  if (signalled_sources_.any([](Source& source) { return source.poll(); }))
    notify_myself(kSignalled);
}

// The loop waits as a whole, for anything that one of its sources may find. No coroutine is resumed while sleep is announced.
struct EventLoop::AllSources {
  EventLoop& loop;
  bool is_announced = false;

  SPRAT_INLINE bool look(urpc::Wish) {
    if (!is_announced) return loop.poll();
    return loop.polled_.any([](Source& source) { return source.look_again(); });
  }
  void announce(urpc::Wish) {
    is_announced = true;
    loop.polled_.any([](Source& source) { return source.announce(), true; });
  }
  void withdraw() {
    loop.polled_.any([](Source& source) { return source.withdraw(), true; });
  }
};

namespace {

struct Processor {
  std::uint64_t now() const { return __builtin_ia32_rdtsc(); }
  void relax() const { __builtin_ia32_pause(); }
  void sleep() const { wait_for_notification(); }
};

}  // namespace
//@ end

inline void EventLoop::wait() {
  //@ since urpc
  if (!polled_.empty()) {
    Processor processor;
    std::array<AllSources, 1> sources{{{*this}}};
    return urpc::wait_for_any(sources, urpc::Wish::message, poll_cycles_, processor);
  }
  //@ end
  if (!poll()) wait_for_notification();
}

Task<Call> EventLoop::next_call() {
  for (;;) {
    if (const auto call = take_call()) co_return *call;
    co_await notified(kLookAgain);
  }
}

}  // namespace sprat
