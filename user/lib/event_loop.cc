// event_loop.cc — ready, waiting, asleep.

#include "lib/event_loop.hh"

//@ since urpc
#include "lib/channel.hh"
//@ end
#include "lib/upcalls.hh"

namespace sprat {
//@ since urpc

// Whoever goes on may close this channel and others.
SPRAT_INLINE bool EventLoop::serve_channels() {
  bool any = false;
  for (Channel* channel = channels_; channel != nullptr; channel = next_to_serve_) {
    next_to_serve_ = channel->next_;
    any = channel->serve() || any;
  }
  return any;
}
//@ end

void EventLoop::step() {
  if (ready_.empty()) return wait();
  if (++turns_ % kTurns == 0) look();
  Waiter& next = ready_.front();
  next.leave();
  next.coroutine.resume();
}

bool EventLoop::look() {
  if (const std::uint64_t came = take_notifications(); came != 0) [[unlikely]] {
    came_ |= came;
    wake();
  }
  //@ since urpc
  if (serve_channels()) return true;
  //@ end
  return !ready_.empty();
}

void EventLoop::wake() {
  const auto is_met = [this](const Waiter& waiter) {
    return (static_cast<const WaiterForBits&>(waiter).wanted & came_) != 0;
  };
  while (Waiter* const met = waiting_.find(is_met)) {
    auto& waiter = static_cast<WaiterForBits&>(*met);
    waiter.came = take(waiter.wanted);
    ready_.push_back(waiter);
  }
  //@ since urpc
  if (take(kRung) != 0) {
    while (!rung_.empty()) make_ready(rung_.front());
  }
  //@ end
}
//@ since urpc

// The loop waits as a whole: for whatever any of its channels waits for. Nobody goes on while others are told that all sleep.
struct EventLoop::AllChannels {
  EventLoop& loop;
  bool is_announced = false;

  bool look(urpc::Wish) { return is_announced ? look_again() : loop.look(); }
  void announce(urpc::Wish) {
    is_announced = true;
    for (Channel* channel = loop.channels_; channel != nullptr; channel = channel->next_)
      channel->announce();
  }
  void withdraw() {
    for (Channel* channel = loop.channels_; channel != nullptr; channel = channel->next_)
      channel->withdraw();
  }

 private:
  bool look_again() const {
    bool any = false;
    for (Channel* channel = loop.channels_; channel != nullptr; channel = channel->next_)
      any = channel->look_again() || any;
    return any;
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
  if (next_to_serve_ == &channel) next_to_serve_ = channel.next_;
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
