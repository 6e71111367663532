// event_loop.cc — ready, waiting, asleep.

#include "lib/event_loop.hh"

//@ since urpc
#include "lib/channel.hh"
#include "lib/lrpc_link.hh"
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
  if (const std::uint64_t came = take_notifications(); came != 0) [[unlikely]] {
    came_ |= came;
    wake();
  }
  //@ since urpc
  if (channels_.any([](Channel& channel) { return channel.serve(); })) return true;
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
  if (take(kRung) != 0) answer_bell();
  //@ end
}
//@ since urpc

void EventLoop::answer_bell() {
  while (!rung_.empty()) make_ready(rung_.front());
  // There may be more of it: it takes another turn to know.
  if (lrpc_links_.any([](LrpcLink& link) { return link.serve(); })) notify_myself(kRung);
}

// The loop waits as a whole: for whatever any of its channels waits for. Nobody goes on while others are told that all sleep.
struct EventLoop::AllChannels {
  EventLoop& loop;
  bool is_announced = false;

  bool look(urpc::Wish) {
    if (!is_announced) return loop.look();
    return loop.channels_.any([](Channel& channel) { return channel.look_again(); });
  }
  void announce(urpc::Wish) {
    is_announced = true;
    loop.channels_.any([](Channel& channel) { return channel.announce(), true; });
  }
  void withdraw() {
    loop.channels_.any([](Channel& channel) { return channel.withdraw(), true; });
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
  if (!channels_.empty()) {
    Processor processor;
    AllChannels channels{*this};
    return urpc::wait_for_any(std::span(&channels, 1), urpc::Wish::message, poll_cycles_,
                              processor);
  }
  //@ end
  if (!look()) wait_for_notification();
}

Task<Call> EventLoop::next_call() {
  for (;;) {
    if (const auto call = take_call()) co_return *call;
    co_await notified(kLookAgain);
  }
}

}  // namespace sprat
