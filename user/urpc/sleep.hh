// sleep.hh — waiting for a message without burning the processor, and without ever missing one: poll, announce, look again,
// sleep; and who sends rings the doorbell of a sleeper.
//
// Each side has a doorstep in the frame, a line that only it writes: zero while it is awake, else how far it has read. Who has
// sent looks at the other's doorstep, and rings if the other sleeps and would find something. The doorstep is written twice
// in a nap and at no other time, so that in steady state the look is a load that hits the cache: no line moves.
//
// The lost wake-up. Without the second look, B sleeps although there is a message, and nobody will ever ring:
//
//      A, who sends                            B, who waits
//                                              looks at the ring: nothing
//      stores the message
//      looks at B's doorstep: awake
//                                              stores on its doorstep: asleep
//                                              sleeps
//
// The cure is an old one (Dekker's): each side first says what it does and only then looks what the other does. B announces
// first and looks at the ring again; then one of the two sees the other, whatever the order:
//
//      stores the message                      stores on its doorstep: asleep
//      looks at B's doorstep                   looks at the ring again
//
// Only that processors have store buffers. A store waits there while later loads are done already (SDM volume 3A, section
// 9.2.3.4), so both may look before either is seen. A fence between the two lines waits until the buffer is empty. B, on its
// way to sleep, can afford one. A cannot: it would pay for each message, and nearly always for nothing. So A looks twice:
//
//      A                                       A's store buffer        B
//      stores the message                      [message]
//      looks at B's doorstep: awake            [message]
//                                              [message]               announces, fence, looks again: nothing
//                                              [message]               sleeps
//      goes on …                               message ──► seen by all
//      … looks at the doorstep once more, behind a fence or while it polls: asleep, and has not read it: rings
//
// When does A look once more? Whenever it waits: while it polls, with each turn, and before it sleeps, behind its own fence,
// which it needs anyway. The fence is thus paid for by who has nothing to do. A sender that neither waits nor sends for a
// long time owes one settle(); a process does it when the kernel takes turns. The message that the first look missed is then
// late, and not lost. (model/sleep.pml tries all orders, store buffers included, and all ways to leave out a step.)
//
// The doorstep says how far its owner has read, so that nobody rings for what was read already, and the number of the nap,
// so that nobody rings twice for one. And somebody who is gone for good leaves a note there, himself or by who clears up.

#pragma once

#include <span>

#include "urpc/ring.hh"

namespace sprat::urpc {

namespace doorstep {
inline constexpr Field asleep{"asleep", 0, 1};
inline constexpr Field for_room{"for-room", 1, 1};  // it would send, but the ring is full
inline constexpr Field lines_read{"lines-read", 2, 16};
inline constexpr Field nap{"nap", 18, 45};
inline constexpr Field gone{"gone", 63, 1};  // nothing is sent or read any more
inline constexpr Layout<std::uint64_t, 5> layout{"doorstep",
                                                 {asleep, for_room, lines_read, nap, gone}};
}  // namespace doorstep
using Doorstep = Bits<doorstep::layout>;

// What one waits for: a message, or also room to send one.
enum class Wish : std::uint8_t { message, message_or_room };

inline Doorstep asleep(Wish wish, std::uint16_t lines_read, std::uint64_t nap) {
  return Doorstep()
      .with<doorstep::asleep>()
      .with<doorstep::for_room>(wish == Wish::message_or_room)
      .with<doorstep::lines_read>(lines_read)
      .with<doorstep::nap>(nap);
}

// The last that is written on a doorstep. The peer may be asleep: somebody must ring for it.
inline void leave(Line& own_doorstep) {
  own_doorstep.control.store(Doorstep().with<doorstep::gone>().raw(), std::memory_order_release);
}

// One end of a conversation whose sides may sleep. `Bell` is called without arguments to wake the peer. It must make sure
// that who wakes up sees all that was stored before the call, and that a bell which is rung before the other has fallen
// asleep keeps it from doing so, once.
template <End Ring, class Bell>
class SleepyEnd {
 public:
  SleepyEnd(const View& view, Bell bell)
      : ring_(view), own_(*view.own_doorstep), peer_(*view.peer_doorstep), bell_(bell) {}

  // As the ring does; and a peer that sleeps is woken.
  template <std::size_t kWords>
  SPRAT_INLINE Result<void> send(const Message<kWords>& message) {
    //@ lab urpc.4a: return ring_.send(message);
    const auto sent = ring_.send(message);
    if (sent.ok()) knock();
    return sent;
    //@ end
  }
  template <std::size_t kWords>
  SPRAT_INLINE Result<void> receive(Message<kWords>& message) {
    //@ lab urpc.4b: return ring_.receive(message);
    return ring_.receive(message, [this] { knock(); });
    //@ end
  }

  bool has_line() const { return ring_.has_line(); }
  bool has_room() const { return ring_.has_room(); }

  // Nobody reads what is sent. What the peer sent before it went can still be received. Known when look has seen it.
  bool peer_is_gone() const { return peer_is_gone_; }

  // For a sender that does not wait for anything: from now on, what it has sent is not late any more.
  void settle() {
    //@ lab urpc.4c:
    fence();
    knock();
    //@ end
  }

  // Rings if the peer sleeps and would find something: once for each nap. Looks at the peer's doorstep, no more, if it is awake.
  SPRAT_INLINE void knock() {
    //@ lab urpc.4d:
    const Doorstep seen(peer_.control.load(std::memory_order_seq_cst));
    if (seen.raw() != 0) [[unlikely]]
      answer(seen);
    //@ end
  }

  // ---- the steps of wait_for_any

  // Is there what is wished for? And does the peer know what was sent?
  bool look(Wish wish) {
    knock();
    return has_line() || (wish == Wish::message_or_room && has_room()) || peer_is_gone_;
  }

  void announce(Wish wish) {
    trace<Event::announce>(&own_);
    //@ lab urpc.4e:
    const Doorstep word = asleep(wish, ring_.lines_read(), ++naps_);
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
  // What is on the doorstep of a peer that is not awake.
  [[gnu::noinline]] void answer(Doorstep seen) {
    //@ lab urpc.4g:
    if (seen.get<doorstep::gone>() != 0) {
      peer_is_gone_ = true;
      return;
    }
    const auto read = static_cast<std::uint16_t>(seen.get<doorstep::lines_read>());
    const bool or_room = seen.get<doorstep::for_room>() != 0;
    if (seen == answered_ || !ring_.peer_would_find(read, or_room)) return;
    answered_ = seen;
    bell_();
    //@ end
  }

  Ring ring_;
  Line& own_;
  const Line& peer_;
  Bell bell_;
  std::uint64_t naps_ = 0;
  Doorstep answered_;  // the last nap the bell was rung for
  bool peer_is_gone_ = false;
};

// What waiting needs from the machine: the time in cycles; a hint to the processor that it polls; and to sleep until some
// bell of ours is rung, or not at all if one was rung since the last sleep.
template <class Type>
concept Machine = requires(Type machine) {
  { machine.now() } -> std::same_as<std::uint64_t>;
  machine.relax();
  machine.sleep();
};

// Waits until one of `ends` may have what is wished for: look. It may be wrong, so look is asked again by who needs to know.
// Polls for `poll_cycles` and then sleeps. With as many cycles as sleeping and waking cost, waiting never takes more than
// twice of what it would take with knowledge of the future.
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
