// scheduler.hh — which dispatcher runs next: the runnable ones of this core take turns, in the order of the run queue.

#pragma once

#include "dispatch/dispatcher.hh"
//@ since urpc
#include "sprat/region.hh"
//@ end

namespace sprat::dispatch {

// The longest turn, in microseconds, while another dispatcher is runnable.
inline constexpr std::uint64_t kQuantumMicroseconds = 10'000;

// The dispatcher whose registers are in the processor, or null. Only the scheduler writes it.
extern Dispatcher* running;
inline Dispatcher* current() { return running; }

// The owner of the values in the FPU: a dispatcher, or, if that has ended, a place that is never read.
extern x86::FpuState* fpu_home;

// The runnable dispatchers. The first one is the one whose turn it is, or the next one's.
extern List<Dispatcher, offsetof(Dispatcher, turns)> run_queue;

// Puts a dispatcher at the end of the run queue; without effect if it is in it.
void enqueue(Dispatcher& dispatcher);

//@ since monitor
// From now on, `dispatcher`, which exists as long as the core runs, gets the next turn when it becomes runnable: enqueue puts it
// behind the dispatcher whose turn it is.
void prefer(const Dispatcher& dispatcher);

//@ end

// Takes it out of the run queue; without effect if it is not in it. If it was the current one, another one must become
// current before the kernel is left (`schedule`).
void dequeue(Dispatcher& dispatcher);

// Puts `newcomer`, which is not in the run queue, into the place of `dispatcher`.
inline void replace_in_queue(Dispatcher& dispatcher, Dispatcher& newcomer) {
  run_queue.replace(dispatcher, newcomer);
}

// Gives the processor to the next dispatcher of the run queue: fills `frame` with its registers. Waits for an interrupt
// while the run queue is empty. The registers of the dispatcher that ran before must have been saved.
void schedule(x86::TrapFrame& frame);

// Ends the present turn a quantum from now, unless its end is set already.
void limit_turn();

//@ since monitor
// Whether the timer runs for the end of the present turn.
bool turn_is_limited();

//@ end
// Returns whether the timer's interrupt, which has come, ends the present turn. Called once for each interrupt.
bool turn_is_over();

// Returns whether the present turn belongs to the place of `dispatcher` in the run queue.
bool has_the_turn(const Dispatcher& dispatcher);

// Ends the present turn: the first of the run queue, which is not empty, goes to its end if that turn was its own.
void end_turn();

// Saves the current dispatcher's registers and fills `frame` with the next one's, because a turn is over or given away.
// Without effect if no other dispatcher is runnable.
void take_turns(x86::TrapFrame& frame);

// Makes `next` the current dispatcher: its address space and FPU registers. The processor has the address space at `root`
// and the FPU registers of `fpu`. The caller sets the other registers.
inline void switch_from(PhysicalAddress root, x86::FpuState& fpu, Dispatcher& next) {
  running = &next;
  //@ since urpc
  trace<Event::switch_to>(&next);
  //@ end
  if (root != next.root) x86::write_cr3(next.root);
  x86::clear_data_segments();
  x86::save_fpu(fpu);
  x86::restore_fpu(next.fpu);
  fpu_home = &next.fpu;
}

// The same from `present`, the current dispatcher, to another one.
inline void switch_over(Dispatcher& present, Dispatcher& next) {
  switch_from(present.root, present.fpu, next);
}

// The same from any state of the processor; nothing happens if `next` is the current one.
inline void switch_to(Dispatcher& next) {
  if (running != &next) switch_from(x86::read_cr3(), *fpu_home, next);
}

// Notes that `dispatcher` is about to end: if its registers are in the processor, they belong to no dispatcher now.
void forget_current(const Dispatcher& dispatcher);

}  // namespace sprat::dispatch
