// scheduler.cc — round robin: a turn is a quantum at most, counted from its own beginning.
//
// Each runnable dispatcher has one place in the run queue. New places are at its end, and a turn moves its place there:
// between two turns of a dispatcher every other one has one turn at most. The timer is started when a turn begins, and
// not again before it ends. So whatever the others do, one of n dispatchers has a turn of a whole quantum in each round
// of n:
//
//   time ──────▶              0         9.7  10                 19.7      20
//   cheat yields early        [ cheat     ]
//   honest: a whole quantum                [ honest                 ]
//   a timer that ticked on its own would end its turn here ──▲
//
// A dispatcher that gives its turn away, by `yield` or because it blocks, does not get the rest back later. A call by LRPC passes
// the turn on to the callee, and the reply passes it back: neither of them begins one. A callee that is still busy with the call
// when a turn of its own begins keeps that turn: then the caller waits, after the reply, for its next turn.
//@ since monitor
//
// The monitor is different: others wait for it, on other cores as well. When it wakes up, it gets the next turn instead of the last
// one. That turn is a quantum at most, and then its place is at the end like any other's. The dispatcher behind it in the queue has
// its turn before the monitor can get the next one again: whatever the monitor does, each other dispatcher has its turn at least half
// as often as it would have without a monitor.
//@ end

#include "dispatch/scheduler.hh"

//@ since monitor
#include "dispatch/interrupts.hh"
//@ end
//@ since urpc
#include "dispatch/other_cores.hh"
//@ end
#include "dispatch/upcall.hh"
#include "x86/apic.hh"

namespace sprat::dispatch {
constinit Dispatcher* running = nullptr;
constinit List<Dispatcher, offsetof(Dispatcher, turns)> run_queue{};

namespace {

constinit x86::FpuState nowhere{};

// The present turn belongs to the first of the run queue. False: its dispatcher has left the queue; the first is the next.
constinit bool turn_has_begun = false;

//@ since monitor
constinit const Dispatcher* preferred = nullptr;

//@ end
// The timer was started for the present turn.
constinit bool timer_runs = false;

void begin_turn() {
  turn_has_begun = true;
  timer_runs = false;
  if (!run_queue.has_one_at_most()) limit_turn();
  //@ since monitor
  hear_alarm();
  //@ end
  //@ since urpc
  hear_doorbells_in_time();
  //@ end
}

//@ since monitor
// `dispatcher`, which is in the run queue and does not have the turn, gets the next one.
void make_next(Dispatcher& dispatcher) {
  run_queue.remove(dispatcher);
  if (turn_has_begun) {
    run_queue.insert_behind(*run_queue.first(), dispatcher);
  } else {
    run_queue.push_front(dispatcher);
  }
}

//@ end
}  // namespace

constinit x86::FpuState* fpu_home = &nowhere;

//@ since monitor
void prefer(const Dispatcher& dispatcher) { preferred = &dispatcher; }

bool turn_is_limited() { return timer_runs; }

//@ end
void limit_turn() {
  if (timer_runs) return;
  x86::start_timer(kQuantumMicroseconds);
  timer_runs = true;
}

bool turn_is_over() {
  // An interrupt that was in flight when the turn began belongs to an earlier turn: the timer counts again.
  if (!timer_runs || !x86::timer_has_run_out()) return false;
  timer_runs = false;
  // The only runnable dispatcher runs on, from now on in a turn of its own, even if it was called in this one.
  if (run_queue.has_one_at_most()) turn_has_begun = !run_queue.is_empty();
  return true;
}

bool has_the_turn(const Dispatcher& dispatcher) {
  return run_queue.first() == &dispatcher && turn_has_begun;
}

void end_turn() {
  if (turn_has_begun) run_queue.rotate();
  turn_has_begun = false;
}

void enqueue(Dispatcher& dispatcher) {
  if (dispatcher.turns.is_linked()) return;
  run_queue.push_back(dispatcher);
  //@ since monitor
  if (&dispatcher == preferred) make_next(dispatcher);
  //@ end
  if (!run_queue.has_one_at_most()) limit_turn();
}

void dequeue(Dispatcher& dispatcher) {
  if (!dispatcher.turns.is_linked()) return;
  if (run_queue.first() == &dispatcher) turn_has_begun = false;
  run_queue.remove(dispatcher);
}

void forget_current(const Dispatcher& dispatcher) {
  if (running == &dispatcher) running = nullptr;
  if (fpu_home == &dispatcher.fpu) fpu_home = &nowhere;
}

void schedule(x86::TrapFrame& frame) {
  for (;;) {
    while (run_queue.is_empty()) {
      running = nullptr;
      //@ since urpc
      hear_doorbells();
      //@ end
      if (cap::take_apart()) {
        x86::let_interrupt_in();
      } else {
        x86::wait_for_interrupt();
      }
    }
    if (!turn_has_begun) begin_turn();
    Dispatcher& next = *run_queue.first();
    switch_to(next);
    if (go_on(next, frame)) return;
  }
}

void take_turns(x86::TrapFrame& frame) {
  //@ lab cpu-driver.7: static_cast<void>(frame);
  if (running == nullptr || run_queue.has_one_at_most()) return;
  save(*running, frame);
  end_turn();
  schedule(frame);
  //@ end
}

}  // namespace sprat::dispatch
