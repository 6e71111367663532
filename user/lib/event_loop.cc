// event_loop.cc — ready, waiting, asleep.

#include "lib/event_loop.hh"

#include "lib/upcalls.hh"
//@ since urpc
#include "lib/wait_for_sources.hh"
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
  if (sources_.poll()) return true;
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
  const std::uint64_t signals = take(kSignalled | kSignalledByMonitor);
  if ((signals & kSignalledByMonitor) != 0) sources_.handle_signal_of_monitor(ready_);
  if (signals != 0) sources_.handle_signal();
  //@ end
}

inline void EventLoop::wait() {
  //@ since urpc
  if (!sources_.polled.empty()) return wait_for_sources(sources_, [this] { return poll(); });
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
