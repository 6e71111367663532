// contenders.hh — the contenders: the two rings, two queues that people use, and one bare line in each direction, which
// is as fast as two cores can tell each other anything.
//
// A contender is a pair of ends, `near` and `far`. An end has send and receive, which return false when there is no room and
// no message. All of them move the same 64 bytes and, but for the bare line, hold kCapacity messages.

#pragma once

#include <readerwriterqueue/readerwriterqueue.h>

#include <boost/lockfree/spsc_queue.hpp>
#include <vector>

#include "urpc/epoch.hh"
#include "urpc/used_bit.hh"

namespace sprat::bench {

using urpc::Line;
using Message = urpc::Message<>;
static_assert(sizeof(Message) == urpc::kLineBytes);

inline constexpr std::size_t kCapacity = 64;

template <urpc::End Policy>
class Rings {
 public:
  class End {
   public:
    explicit End(const urpc::View& view) : end_(view) {}

    bool send(const Message& message) {
      if (end_.send(message).ok()) return true;
      Message unexpected;  // the acknowledgement may be behind a line
      static_cast<void>(end_.receive(unexpected).ok());
      return false;
    }
    bool receive(Message& message) { return end_.receive(message).ok(); }

   private:
    alignas(urpc::kLineBytes) Policy end_;
  };

 private:
  std::vector<Line> lines_ = std::vector<Line>(urpc::frame_lines(kCapacity));

 public:
  End near = End(urpc::view_of(lines_, urpc::Side::first).value());
  End far = End(urpc::view_of(lines_, urpc::Side::second).value());
};

// Two queues of a type with push(message) and pop(message).
template <class Queue>
class Queues {
 public:
  class End {
   public:
    End(Queue& out, Queue& in) : out_(out), in_(in) {}

    bool send(const Message& message) { return out_.push(message); }
    bool receive(Message& message) { return in_.pop(message); }

   private:
    Queue& out_;
    Queue& in_;
  };

 private:
  Queue there_, back_;

 public:
  End near = End(there_, back_);
  End far = End(back_, there_);
};

using BoostQueue = boost::lockfree::spsc_queue<Message, boost::lockfree::capacity<kCapacity>>;

class MoodycamelQueue {
 public:
  bool push(const Message& message) { return queue_.try_enqueue(message); }
  bool pop(Message& message) { return queue_.try_dequeue(message); }

 private:
  moodycamel::ReaderWriterQueue<Message> queue_{kCapacity};
};

// One line, which is written again only after it was answered: good for ping-pong and nothing else.
class BareLine {
 public:
  bool push(const Message& message) {
    ++sent_;
    urpc::fill(line_, message);
    line_.control.store(sent_, std::memory_order_release);
    return true;
  }
  bool pop(Message& message) {
    if (line_.control.load(std::memory_order_acquire) == received_) return false;
    ++received_;
    urpc::copy_out(line_, urpc::Control(), message);
    return true;
  }

 private:
  Line line_;
  alignas(urpc::kLineBytes) std::uint64_t sent_ = 0;
  alignas(urpc::kLineBytes) std::uint64_t received_ = 0;
};

}  // namespace sprat::bench
