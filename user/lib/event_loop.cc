// event_loop.cc — ready, waiting, asleep.

#include "lib/event_loop.hh"

//@ since urpc
#include "lib/channel.hh"
//@ end
#include "lib/upcalls.hh"

namespace sprat {

void EventLoop::step() {
  if (ready_.empty()) return wait();
  if (++turns_ % kTurns == 0) look();
  Waiter& next = ready_.front();
  next.leave();
  next.coroutine.resume();
}

bool EventLoop::look() {
  if (const std::uint64_t came = take_notifications(); came != 0) {
    came_ |= came;
    while (wake()) {
    }
  }
  //@ since urpc
  if (take(kRung) != 0) {
    while (!rung_.empty()) make_ready(rung_.front());
  }
  for (Channel* channel = channels_; channel != nullptr; channel = channel->next_) channel->look();
  //@ end
  return !ready_.empty();
}

bool EventLoop::wake() {
  Waiter* const waiter = waiting_.find([this](const Waiter& w) { return (w.wanted & came_) != 0; });
  if (waiter == nullptr) return false;
  waiter->came = take(waiter->wanted);
  ready_.push_back(*waiter);
  return true;
}
//@ since urpc

// The loop waits as a whole: for whatever any of its channels waits for.
struct EventLoop::AllChannels {
  EventLoop& loop;

  bool look(urpc::Wish) { return loop.look(); }
  void announce(urpc::Wish) {
    for (Channel* channel = loop.channels_; channel != nullptr; channel = channel->next_)
      channel->announce();
  }
  void withdraw() {
    for (Channel* channel = loop.channels_; channel != nullptr; channel = channel->next_)
      channel->withdraw();
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

void EventLoop::wait() {
  //@ since urpc
  if (channels_ != nullptr) {
    Processor processor;
    AllChannels channels{*this};
    return urpc::wait_for_any(std::span(&channels, 1), urpc::Wish::message, poll_cycles_,
                              processor);
  }
  //@ end
  if (!look()) wait_for_notification();
}
//@ since urpc

void EventLoop::add(Channel& channel) {
  channel.next_ = channels_;
  if (channels_ != nullptr) channels_->previous_ = &channel;
  channels_ = &channel;
}

void EventLoop::remove(Channel& channel) {
  (channel.previous_ != nullptr ? channel.previous_->next_ : channels_) = channel.next_;
  if (channel.next_ != nullptr) channel.next_->previous_ = channel.previous_;
  channel.next_ = channel.previous_ = nullptr;
}
//@ end

Task<Call> EventLoop::next_call() {
  for (;;) {
    if (const auto call = take_call()) co_return *call;
    co_await notified(kLookAgain);
  }
}

}  // namespace sprat
