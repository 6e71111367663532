// outbox.hh — lines that wait for room in the ring of a link between monitors. So posting never waits, and no two monitors wait for
// each other.

#pragma once

#include <array>

#include "lib/channel.hh"
#include "lib/runtime.hh"

namespace sprat::monitor {

class Outbox {
 public:
  // Lines that wait at most: more than two cores can have to say to each other at once (broker.hh).
  static constexpr std::size_t kMostLines = 256;

  // Lines go to `channel`, which may be opened later.
  explicit Outbox(Channel& channel) : channel_(channel) {}

  // Sends the waiting lines, and later ones. Once, when the channel is open.
  void start() {
    sending_ = send_all();
    runtime().loop.start(sending_);
  }

  // Sends `line` when all lines before it have been sent and there is room: at once, mostly.
  //   out_of_memory   kMostLines lines wait: the peer does not receive
  Result<void> post(const urpc::Message<>& line) {
    if (is_empty() && channel_.is_open()) {
      const auto sent = channel_.try_send(line);
      if (sent || sent.error() != Error::again) return sent;
    }
    if (end_ - begin_ == kMostLines) return Error::out_of_memory;
    lines_[end_++ % kMostLines] = line;
    while (!idle_.empty()) runtime().loop.make_ready(idle_.front());
    return {};
  }

  //@ since monitor
  // Whether so few lines wait that one more can be asked for, beside all that monitors have to say by themselves.
  bool has_room() const { return end_ - begin_ < kMostLines / 4; }

  //@ end
  // Calls `take` for each line that waits, in their order.
  template <class Take>
  void for_each(Take take) const {
    for (std::size_t i = begin_; i < end_; ++i) take(lines_[i % kMostLines]);
  }

 private:
  bool is_empty() const { return begin_ == end_; }

  // co_await Filled{outbox}: waits until a line waits.
  struct Filled {
    Outbox& outbox;
    Waiter waiter{};

    bool await_ready() const { return !outbox.is_empty(); }
    void await_suspend(std::coroutine_handle<> waiting) {
      waiter.coroutine = waiting;
      outbox.idle_.push_back(waiter);
    }
    void await_resume() const {}
  };

  Task<> send_all() {
    for (;;) {
      co_await Filled{*this};
      const auto sent = co_await channel_.send(lines_[begin_ % kMostLines]);
      if (!sent) co_return sent;
      if (++begin_ == end_) begin_ = end_ = 0;
    }
  }

  Channel& channel_;
  std::array<urpc::Message<>, kMostLines> lines_;
  std::size_t begin_ = 0, end_ = 0;  // of the waiting lines
  WaiterList idle_;
  Task<> sending_;
};

}  // namespace sprat::monitor
