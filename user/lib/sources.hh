// sources.hh — the sources of an event loop (source.hh), and the signals of this process's doorbell.

#pragma once

#include "lib/source.hh"
#include "lib/task.hh"
#include "lib/upcalls.hh"

namespace sprat {

class Sources {
 public:
  // Each source is in one of the two lists, or in none.
  SourceList polled, on_signal;

  // Sets for how long sources are polled before the process sleeps, in cycles of the time-stamp counter. The best value is the
  // cost of a wake-up: the doorbell on this side, the interrupt and the upcall on the other.
  void set_poll_cycles(std::uint64_t poll_cycles) { poll_cycles_ = poll_cycles; }

  // co_await loop.sources().signalled(): waits until the monitor signals this process. Resumes all waiters then.
  auto signalled() {
    struct Signalled {
      Sources& sources;
      Waiter waiter{};

      bool await_ready() const { return false; }
      void await_suspend(std::coroutine_handle<> waiting) {
        waiter.coroutine = waiting;
        sources.waiting_for_signal_.push_back(waiter);
      }
      void await_resume() const {}
    };
    return Signalled{*this};
  }

  // ---- for the event loop

  // Polls the polled sources. Returns whether one of them had something.
  bool poll() {
    return polled.any([](Source& source) { return source.poll(); });
  }

  // The monitor has signalled this process: moves all waiters to `ready`.
  void handle_signal_of_monitor(WaiterList& ready) {
    while (!waiting_for_signal_.empty()) ready.push_back(waiting_for_signal_.front());
  }

  // The doorbell was signalled, or the monitor may know that a peer has gone: polls the signalled sources.
  void handle_signal() {
    // A source may have more than one thing: the next poll asks it again.
    if (on_signal.any([](Source& source) { return source.poll(); })) notify_myself(kSignalled);
  }

  std::uint64_t poll_cycles() const { return poll_cycles_; }

 private:
  WaiterList waiting_for_signal_;
  std::uint64_t poll_cycles_ = 2'000;
};

}  // namespace sprat
