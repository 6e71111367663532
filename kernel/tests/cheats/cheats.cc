// cheats.cc — each cheat knows how long a turn is.

#include "cheats.hh"

#include "lib/upcalls.hh"

namespace sprat::cheats {
namespace {

constexpr std::uint64_t kTurn = 10'000;  // microseconds

// When the turn of each has begun, by the time-stamp counter.
constinit std::array<std::uint64_t, 1 + kMostCheats> turn_begin{};

// Uses the processor until the turn is so old. After an absence of a millisecond and more it is a new turn.
template <std::size_t kMe>
void use_turn(std::uint64_t microseconds_of_it) {
  for (std::uint64_t last = now();;) {
    const std::uint64_t time = now();
    if (time - last > microseconds(1'000)) turn_begin[kMe] = time;
    last = time;
    if (time - turn_begin[kMe] >= microseconds(microseconds_of_it)) return;
  }
}

void spin() {
  for (;;) asm volatile("");
}

template <std::uint64_t kMicrosecondsBefore>
void yield_before_the_end() {
  for (;;) {
    use_turn<1>(kTurn - kMicrosecondsBefore);
    yield(Yield::stay);
    turn_begin[1] = now();
  }
}

// Blocks before its turn ends; its partner, which does the same, wakes it.
template <std::size_t kMe, std::size_t kPartner>
void block_and_wake() {
  for (;;) {
    turn_begin[kMe] = now();
    use_turn<kMe>(kTurn - 300);
    signal(crew[kPartner]->bell());
    wait();
    crew[kMe]->frame().pending = 0;
  }
}

// Uses up the caller's turn, nearly.
void serve_nearly_a_turn() {
  use_turn<2>(kTurn - 300);
  reply();
}

void call_partner() {
  for (;;) {
    turn_begin[2] = now();
    call(crew[2]->endpoint());
    yield(Yield::stay);
  }
}

void wait_for_calls() {
  crew[2]->frame().is_disabled = 0;
  for (;;) wait();
}

void spin_until_called() {
  crew[2]->frame().is_disabled = 0;
  spin();
}

// Comes back from each call just before the end of the turn, and calls again.
void call_partner_again() {
  for (;;) {
    turn_begin[2] = now();
    call(crew[2]->endpoint());
  }
}

// Is runnable whenever its partner signals, and never stays so.
void wait_again() {
  for (;;) {
    crew[2]->frame().pending = 0;
    wait();
  }
}

void signal_all() {
  for (;;) {
    signal(crew[2]->bell());
    signal(crew[0]->bell());
  }
}

// Each time it begins anew.
void reply_to_nobody() {
  use_turn<1>(kTurn / 2);
  reply();
}

// Calls the honest dispatcher, which has work of its own, so late that the reply comes in the callee's turn.
void call_honest() {
  for (;;) {
    use_turn<1>(kTurn - kServiceMicroseconds / 2);
    call(crew[0]->endpoint());
    turn_begin[1] = now() - microseconds(kServiceMicroseconds / 2);
  }
}

void wake_monitor() {
  for (;;) signal(monitors_bell);
}

// As a monitor that has been woken; its next turn begins with the next signal.
void use_nearly_a_turn() {
  wait_for_notification();
  turn_begin[0] = now();
  use_turn<0>(kTurn - 300);
}

void never_sleep() {
  while (!any_notification()) asm volatile("");
}

constexpr Cheat kCheats[] = {
    {"spins", {spin}},
    {"yields 300 us before its turn ends", {yield_before_the_end<300>}},
    {"yields 50 us before its turn ends", {yield_before_the_end<50>}},
    {"blocks and is woken", {block_and_wake<1, 2>, block_and_wake<2, 1>}},
    {"calls a partner that waits", {call_partner, wait_for_calls}, {nullptr, serve_nearly_a_turn}},
    {"calls a partner that runs",
     {call_partner_again, spin_until_called},
     {nullptr, serve_nearly_a_turn}},
    {"signals all others all the time", {signal_all, wait_again}},
    {"replies without a caller", {reply_to_nobody}},
    {"calls the honest one late in its turn", {call_honest}},
    {"wakes a busy monitor all the time", {wake_monitor}, {}, use_nearly_a_turn},
    {"is there when the monitor never sleeps", {spin}, {}, never_sleep},
};

}  // namespace

std::span<const Cheat> all_cheats() { return kCheats; }

}  // namespace sprat::cheats
