// event_loop.cc — ready, waiting, asleep.

#include "lib/event_loop.hh"

#include "lib/upcalls.hh"

namespace sprat {

void EventLoop::step() {
  came_ |= take_notifications();
  while (wake()) {
  }
  if (ready_.empty()) return wait_for_notification();
  Waiter& next = ready_.front();
  next.leave();
  next.coroutine.resume();
}

bool EventLoop::wake() {
  Waiter* const waiter = waiting_.find([this](const Waiter& w) { return (w.wanted & came_) != 0; });
  if (waiter == nullptr) return false;
  waiter->came = waiter->wanted & came_;
  came_ &= ~waiter->came;
  ready_.push_back(*waiter);
  return true;
}

Task<Call> EventLoop::next_call() {
  for (;;) {
    if (const auto call = take_call()) co_return *call;
    co_await notified(kLookAgain);
  }
}

}  // namespace sprat
