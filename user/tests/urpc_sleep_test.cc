// urpc_sleep_test.cc — a side that sleeps is woken once, one that is awake never, step by step. (urpc_threads_test.cc has the threads.)

#include <criterion/criterion.h>

#include <array>
#include <functional>

#include "tests/urpc_pair.hh"
#include "urpc/sleep.hh"

using namespace sprat;
using namespace sprat::urpc;
using namespace sprat::test;

namespace {

struct CountingSignal {
  int* signals;
  void operator()() const { ++*signals; }
};

template <End Ring>
struct SleepyPair {
  explicit SleepyPair(std::size_t slots)
      : frame(slots),
        a(frame.view(Side::first), CountingSignal{&signals_by_a}),
        b(frame.view(Side::second), CountingSignal{&signals_by_b}) {}

  Frame frame;
  int signals_by_a = 0, signals_by_b = 0;
  SleepyEnd<Ring, CountingSignal> a, b;
};

// A machine whose time passes by polling, and on which something happens at a moment of the test's choice.
struct FakeMachine {
  std::uint64_t now() { return time; }
  void relax() {
    ++time;
    if (on_relax) on_relax();
  }
  void sleep() {
    ++sleeps;
    if (on_sleep) on_sleep();
  }

  std::uint64_t time = 0;
  int sleeps = 0;
  std::function<void()> on_relax, on_sleep;
};

template <class SleepyRing>
void wait_for(SleepyRing& end, FakeMachine& machine, Wish wish = Wish::message) {
  wait_for_any(std::span(&end, 1), wish, 10, machine);
}

template <class Check>
void for_both_rings(Check check) {
  SleepyPair<Epoch> epoch(8);
  check(epoch);
  SleepyPair<UsedBit> used_bit(8);
  check(used_bit);
}

}  // namespace

Test(urpc_sleep, receiver_that_polls_is_not_signalled) {
  for_both_rings([](auto& pair) {
    FakeMachine machine;
    machine.on_relax = [&] {
      if (machine.time == 5) cr_assert(pair.a.send(message(1)).ok());
    };
    wait_for(pair.b, machine);
    cr_expect(machine.sleeps == 0 && machine.time == 5 && pair.signals_by_a == 0);
  });
}

Test(urpc_sleep, it_polls_as_long_as_it_was_told_and_then_sleeps) {
  for_both_rings([](auto& pair) {
    FakeMachine machine;
    wait_for(pair.b, machine);
    cr_expect(machine.time == 10 && machine.sleeps == 1);
  });
}

Test(urpc_sleep, a_sleeper_is_woken_once_for_many_messages) {
  for_both_rings([](auto& pair) {
    FakeMachine machine;
    machine.on_sleep = [&] {
      for (std::uint64_t i = 0; i < 5; ++i) cr_assert(pair.a.send(message(i)).ok());
    };
    wait_for(pair.b, machine);
    cr_expect(machine.sleeps == 1 && pair.signals_by_a == 1);
    Message<> got;
    for (int i = 0; i < 5; ++i) cr_expect(pair.b.receive(got).ok());
    machine.on_sleep = [&] { cr_assert(pair.a.send(message(5)).ok()); };
    wait_for(pair.b, machine);
    cr_expect(machine.sleeps == 2 && pair.signals_by_a == 2,
              "the next sleep has a signal of its own");
  });
}

Test(urpc_sleep, side_that_is_awake_again_is_not_signalled) {
  for_both_rings([](auto& pair) {
    FakeMachine machine;
    wait_for(pair.b, machine);
    cr_assert(pair.a.send(message(1)).ok());
    cr_expect(pair.signals_by_a == 0);
  });
}

Test(urpc_sleep, second_look_finds_a_message_from_before_the_announcement) {
  for_both_rings([](auto& pair) {
    FakeMachine machine;
    machine.on_relax = [&] {
      if (machine.time == 10) cr_assert(pair.a.send(message(1)).ok());
    };
    wait_for(pair.b, machine);
    cr_expect(machine.sleeps == 0 && pair.signals_by_a == 0);
  });
}

// As if the sender's first look at the status line had been too early: it sees the sleep only when it looks again.
Test(urpc_sleep, a_sender_that_waits_looks_at_the_status_line_again) {
  for_both_rings([](auto& pair) {
    FakeMachine machine, other;
    machine.on_sleep = [&] {
      const std::uint64_t announcement = pair.frame.lines[1].control.exchange(0);
      cr_assert(announcement != 0);
      cr_assert(pair.a.send(message(1)).ok());
      pair.frame.lines[1].control.store(announcement);
      cr_expect(pair.signals_by_a == 0);
      wait_for(pair.a, other);
      cr_expect(pair.signals_by_a == 1);
      pair.a.settle();
      cr_expect(pair.signals_by_a == 1);
    };
    wait_for(pair.b, machine);
    cr_expect(machine.sleeps == 1);
  });
}

Test(urpc_sleep, a_sender_that_settles_looks_at_the_status_line_again) {
  for_both_rings([](auto& pair) {
    FakeMachine machine;
    machine.on_sleep = [&] {
      const std::uint64_t announcement = pair.frame.lines[1].control.exchange(0);
      cr_assert(pair.a.send(message(1)).ok());
      pair.frame.lines[1].control.store(announcement);
      pair.a.settle();
      cr_expect(pair.signals_by_a == 1);
    };
    wait_for(pair.b, machine);
  });
}

Test(urpc_sleep, sleeper_is_not_signalled_for_lines_it_has_read) {
  for_both_rings([](auto& pair) {
    FakeMachine machine, other;
    Message<> got;
    for (std::uint64_t i = 0; i < 20; ++i) {
      cr_assert(pair.a.send(message(i)).ok());
      cr_assert(pair.b.receive(got).ok());
      machine.on_sleep = [&] { wait_for(pair.a, other); };
      wait_for(pair.b, machine);
      cr_assert(pair.b.send(message(i)).ok());
      cr_assert(pair.a.receive(got).ok());
    }
    cr_expect(pair.signals_by_a == 0 && machine.sleeps == 20 && other.sleeps == 20);
  });
}

Test(urpc_sleep, sleeper_that_waits_for_room_is_woken_by_room) {
  for_both_rings([](auto& pair) {
    FakeMachine machine;
    Message<> got;
    while (pair.a.send(message(0)).ok()) {
    }
    machine.on_sleep = [&] {
      while (pair.b.receive(got).ok()) {
      }
      cr_expect(pair.signals_by_b == 1, "%d", pair.signals_by_b);
    };
    wait_for(pair.a, machine, Wish::message_or_room);
    cr_expect(machine.sleeps == 1);
    cr_expect(pair.a.receive(got).error() == Error::again);
    cr_expect(pair.a.has_room());
  });
}

Test(urpc_sleep, sleeper_that_waits_for_messages_is_not_woken_by_room) {
  SleepyPair<UsedBit> pair(8);
  FakeMachine machine;
  Message<> got;
  cr_assert(pair.a.send(message(0)).ok());
  machine.on_sleep = [&] { cr_assert(pair.b.receive(got).ok()); };
  wait_for(pair.a, machine);
  cr_expect(machine.sleeps == 1 && pair.signals_by_b == 0);
}

Test(urpc_sleep, several_conversations_are_waited_for_at_once) {
  SleepyPair<Epoch> one(8), two(8);
  FakeMachine machine;
  std::array<SleepyEnd<Epoch, CountingSignal>, 2> ends{one.b, two.b};
  machine.on_sleep = [&] { cr_assert(two.a.send(message(1)).ok()); };
  wait_for_any(ends, Wish::message, 10, machine);
  cr_expect(machine.sleeps == 1 && one.signals_by_a == 0 && two.signals_by_a == 1);
  cr_expect(!ends[0].has_line() && ends[1].has_line());
}

Test(urpc_sleep, a_broken_conversation_is_not_waited_for) {
  SleepyPair<Epoch> pair(8);
  FakeMachine machine;
  while (pair.a.send(message(0)).ok()) continue;
  pair.frame.view(Side::second).own_status->words[0].store(~std::uint64_t{0});
  cr_expect(pair.a.send(message(0)).error() == Error::malformed);
  wait_for(pair.a, machine);
  cr_expect(machine.sleeps == 0 && machine.time == 0);
}

// A message that was received acknowledged all: the sender has not used that yet, and needs no signal for it.
Test(urpc_sleep, sender_that_knows_of_room_is_not_signalled_for_it) {
  SleepyPair<Epoch> pair(8);
  FakeMachine machine;
  Message<> got;
  for (std::uint64_t i = 0; i < 20; ++i) {
    cr_assert(pair.a.send(message(i)).ok() && pair.b.receive(got).ok());
    cr_assert(pair.b.send(message(i)).ok() && pair.a.receive(got).ok());
  }
  while (pair.a.send(message(0)).ok()) continue;
  machine.on_sleep = [&] {
    pair.b.settle();
    cr_expect(pair.signals_by_b == 0, "nothing was read, so there is no room");
    while (pair.b.receive(got).ok()) continue;
    cr_expect(pair.signals_by_b == 1, "%d", pair.signals_by_b);
  };
  wait_for(pair.a, machine, Wish::message_or_room);
  cr_expect(machine.sleeps == 1 && pair.a.has_room());
}
