// scheduler.hh — which dispatcher runs next: the runnable ones of this core take turns, in the order of the run queue.

#pragma once

#include "dispatch/dispatcher.hh"
//@ since urpc
#include "sprat/trace.hh"
//@ end
#include "x86/cpu.hh"
#include "x86/traps.hh"

namespace sprat::dispatch {

// The longest turn, in microseconds, while another dispatcher is runnable.
inline constexpr std::uint64_t kQuantumMicroseconds = 10'000;

// The dispatcher whose registers are in the processor, or null. Only the scheduler writes it.
extern Dispatcher* running;
inline Dispatcher* current() { return running; }

// The owner of the values in the FPU: a dispatcher, or, if that has ended, a place that is never read.
extern x86::FpuState* fpu_home;

// The head of the run queue: the dispatcher whose turn it is, or the next one's. Null: no dispatcher is runnable.
extern Dispatcher* head;

// Puts a dispatcher at the end of the run queue; without effect if it is in it.
void enqueue(Dispatcher& dispatcher);

// Takes it out of the run queue; without effect if it is not in it. If it was the current one, another one must become
// current before the kernel is left (`schedule`).
void dequeue(Dispatcher& dispatcher);

// Puts `newcomer`, which is not in the run queue, into the place of `dispatcher`.
inline void replace_in_queue(Dispatcher& dispatcher, Dispatcher& newcomer) {
  if (dispatcher.next == &dispatcher) {
    newcomer.next = newcomer.previous = &newcomer;
  } else {
    Dispatcher *const next = dispatcher.next, *const previous = dispatcher.previous;
    newcomer.next = next;
    newcomer.previous = previous;
    next->previous = previous->next = &newcomer;
  }
  dispatcher.next = dispatcher.previous = nullptr;
  if (head == &dispatcher) head = &newcomer;
}

// Gives the processor to the next dispatcher of the run queue: fills `frame` with its registers. Waits for an interrupt
// while the run queue is empty. The registers of the dispatcher that ran before must have been saved.
void schedule(x86::TrapFrame& frame);

// Ends the present turn a quantum from now, unless its end is set already.
void limit_turn();

// Returns whether the timer's interrupt, which has come, ends the present turn. Called once for each interrupt.
bool turn_is_over();

// Returns whether the present turn belongs to the place of `dispatcher` in the run queue.
bool has_the_turn(const Dispatcher& dispatcher);

// Ends the present turn: `head` is the next dispatcher of the run queue, which is not empty.
void end_turn();

// Saves the current dispatcher's registers and fills `frame` with the next one's, because a turn is over or given away.
// Without effect if no other dispatcher is runnable.
void take_turns(x86::TrapFrame& frame);

// Makes `dispatcher`, which is not the current one, the current one: its address space and FPU registers. The caller
// sets its other registers.
inline void switch_to_other(Dispatcher& dispatcher) {
  running = &dispatcher;
  //@ since urpc
  trace<Event::switch_to>(&dispatcher);
  //@ end
  if (x86::read_cr3() != dispatcher.root) x86::write_cr3(dispatcher.root);
  x86::clear_data_segments();
  if (fpu_home == &dispatcher.fpu) return;
  x86::save_fpu(*fpu_home);
  x86::restore_fpu(dispatcher.fpu);
  fpu_home = &dispatcher.fpu;
}

// The same; nothing happens if it is the current one.
inline void switch_to(Dispatcher& dispatcher) {
  if (running != &dispatcher) switch_to_other(dispatcher);
}

// Notes that `dispatcher` is about to end: if its registers are in the processor, they belong to no dispatcher now.
void forget_current(const Dispatcher& dispatcher);

}  // namespace sprat::dispatch
