// sleep.hh — waiting for a message without keeping the processor busy, and without a lost wake-up: poll, announce, look again,
// sleep; and a sender signals the doorbell of a receiver that sleeps.
//
// The control word of a side's status line is zero while the side is awake. Before it sleeps, it announces there that it does,
// and how far it has read. A sender that has sent looks at the peer's announcement, and signals the peer if the peer sleeps and
// would find something. The word is written twice for a sleep and at no other time, so that in steady state the look is a load
// that hits the cache: no line moves.
//
// The lost wake-up. Without the second look, B sleeps although there is a message, and A does not signal:
//
//      A, the sender                           B, which waits
//                                              looks at the ring: nothing
//      stores the message
//      looks at B's status line: awake
//                                              announces: asleep
//                                              sleeps
//
// The cure is an old one (Dekker's): each side first says what it does and only then looks what the other does. B announces
// first and looks at the ring again; then one of the two sees the other, whatever the order:
//
//      stores the message                      announces: asleep
//      looks at B's status line                looks at the ring again
//
// Only that processors have store buffers. A store waits there while later loads are done already (SDM volume 3A, section
// 9.2.3.4), so both may look before either is seen. A fence between the two lines waits until the buffer is empty. B, on its
// way to sleep, can afford one. A cannot: it would cost for each message, and nearly always for nothing. So A looks twice:
//
//      A                                       A's store buffer        B
//      stores the message                      [message]
//      looks at B's status line: awake         [message]
//                                              [message]               announces, fence, looks again: nothing
//                                              [message]               sleeps
//      goes on …                               message ──► seen by all
//      … looks once more, behind a fence or while it polls: asleep, and has not read it: signals
//
// When does A look once more? Whenever it waits: with each turn of its polling, and before it sleeps, behind its own fence,
// which it needs anyway. So the fence is executed by a side that has nothing to do. A sender that neither waits nor sends for a
// long time calls settle(); a process does so when the kernel takes turns. A message that the first look missed is then
// late, and not lost. (model/sleep.pml tries all orders, store buffers included, and all ways to leave out a step.)
//
// The announcement says how far its owner has read, so that it is not signalled for lines that it has read, and has a number
// of its own, so that it is not signalled twice for one sleep. A side that has gone for good is marked there as well.

#pragma once

#include <span>

#include "urpc/ring.hh"

namespace sprat::urpc {

namespace status {
inline constexpr Field asleep{"asleep", 0, 1};
inline constexpr Field for_room{"for-room", 1, 1};  // it would send, but the ring is full
inline constexpr Field lines_read{"lines-read", 2, 16};
inline constexpr Field sleep_number{"sleep-number", 18, 45};
inline constexpr Field gone{"gone", 63, 1};  // nothing is sent or read any more
inline constexpr Layout<std::uint64_t, 5> layout{
    "status line", {asleep, for_room, lines_read, sleep_number, gone}};
}  // namespace status
using Status = Bits<status::layout>;

// A side waits for a message, or also for room to send one.
enum class Wish : std::uint8_t { message, message_or_room };

inline Status asleep(Wish wish, std::uint16_t lines_read, std::uint64_t number) {
  return Status()
      .with<status::asleep>()
      .with<status::for_room>(wish == Wish::message_or_room)
      .with<status::lines_read>(lines_read)
      .with<status::sleep_number>(number);
}

// Marks the owner of the status line as gone, for good. The peer may be asleep: the caller must signal it.
inline void leave(Line& own_status) {
  own_status.control.store(Status().with<status::gone>().raw(), std::memory_order_release);
}

// One end of a conversation whose sides may sleep. `Signal` is called without arguments: it signals the peer. It must make sure
// that the peer, when it wakes up, sees all that was stored before the call, and that a signal which comes before the peer
// sleeps keeps it from sleeping, once.
template <End Ring, class Signal>
class SleepyEnd {
 public:
  SleepyEnd(const View& view, Signal signal)
      : ring_(view), own_(*view.own_status), peer_(*view.peer_status), signal_(signal) {}

  // As the ring does; and a peer that sleeps is woken.
  template <std::size_t kWords>
  SPRAT_INLINE Result<void> send(const Message<kWords>& message) {
    //@ lab urpc.4a: return ring_.send(message);
    const auto sent = ring_.send(message);
    if (sent.ok()) wake_peer();
    return sent;
    //@ end
  }
  template <std::size_t kWords>
  SPRAT_INLINE Result<void> receive(Message<kWords>& message) {
    //@ lab urpc.4b: return ring_.receive(message);
    return ring_.receive(message, [this] { wake_peer(); });
    //@ end
  }

  bool has_line() const { return ring_.has_line(); }
  bool has_room() const { return ring_.has_room(); }
  //@ since monitor
  std::uint16_t lines_read() const { return ring_.lines_read(); }  // modulo 2^16
  //@ end

  // The peer reads no line any more. Lines that it sent before it went can still be received. Known when look has seen it.
  bool peer_is_gone() const { return peer_is_gone_; }

  // For a sender that does not wait for anything: the peer is signalled for all lines sent so far, if it sleeps.
  void settle() {
    //@ lab urpc.4c:
    fence();
    wake_peer();
    //@ end
  }

  // Signals the peer if it sleeps and would find something, once for each sleep. If it is awake, this is one load.
  SPRAT_INLINE void wake_peer() {
    //@ lab urpc.4d:
    const Status seen(peer_.control.load(std::memory_order_seq_cst));
    if (seen.raw() != 0) [[unlikely]]
      answer(seen);
    //@ end
  }

  // Whether wake_peer would do nothing.
  bool peer_is_awake() const { return peer_.control.load(std::memory_order_seq_cst) == 0; }

  // ---- the steps of wait_for_any

  // Is there something of the kind that is waited for? Wakes the peer as well, if need be.
  bool look(Wish wish) {
    wake_peer();
    return has_line() || (wish == Wish::message_or_room && has_room()) || peer_is_gone_;
  }

  void announce(Wish wish) {
    trace<Event::announce>(&own_);
    //@ lab urpc.4e:
    const Status word = asleep(wish, ring_.lines_read(), ++sleeps_);
    own_.control.store(word.raw(), std::memory_order_release);
    //@ end
  }

  void withdraw() {
    trace<Event::withdraw>(&own_);
    //@ lab urpc.4f:
    own_.control.store(0, std::memory_order_release);
    //@ end
  }

 private:
  // Acts on the status line of a peer that is not awake.
  [[gnu::noinline]] void answer(Status seen) {
    //@ lab urpc.4g:
    if (seen.get<status::gone>() != 0) {
      peer_is_gone_ = true;
      return;
    }
    const auto read = static_cast<std::uint16_t>(seen.get<status::lines_read>());
    const bool or_room = seen.get<status::for_room>() != 0;
    if (seen == answered_ || !ring_.peer_would_find(read, or_room)) return;
    answered_ = seen;
    signal_();
    //@ end
  }

  Ring ring_;
  Line& own_;
  const Line& peer_;
  Signal signal_;
  std::uint64_t sleeps_ = 0;  // announced so far
  Status answered_;           // the last announcement that was signalled
  bool peer_is_gone_ = false;
};

// Waiting needs three things of the machine: the time in cycles; a hint to the processor that it polls; and to sleep until this
// process is signalled, or not at all if it was signalled since its last sleep.
template <class Type>
concept Machine = requires(Type machine) {
  { machine.now() } -> std::same_as<std::uint64_t>;
  machine.relax();
  machine.sleep();
};

// Waits until one of `ends` may have something of the kind that is waited for: look. It may return without; callers look again.
// Polls for `poll_cycles` and then sleeps. With as many cycles as sleeping and waking cost, waiting never takes more than
// twice as long as with knowledge of the future.
template <class Ends, Machine Host>
void wait_for_any(Ends&& ends, Wish wish, std::uint64_t poll_cycles, Host& machine) {
  const auto found = [&] {
    bool any = false;
    for (auto& end : ends) any = end.look(wish) || any;
    return any;
  };
  //@ lab urpc.4h: while (!found()) machine.relax();
  const std::uint64_t began = machine.now();
  do {
    if (found()) return;
    machine.relax();
  } while (machine.now() - began < poll_cycles);

  for (auto& end : ends) end.announce(wish);
  fence();
  if (!found()) machine.sleep();
  for (auto& end : ends) end.withdraw();
  //@ end
}

}  // namespace sprat::urpc
