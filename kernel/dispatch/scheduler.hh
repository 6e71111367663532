// scheduler.hh — which dispatcher runs next: the runnable ones of this core take turns, in the order of the run queue.

#pragma once

#include "dispatch/dispatcher.hh"
//@ since urpc
#include "sprat/trace.hh"
//@ end
#include "x86/cpu.hh"
#include "x86/traps.hh"

namespace sprat::dispatch {

// How long a turn lasts at most, when others wait for theirs.
inline constexpr std::uint64_t kQuantumMicroseconds = 10'000;

// The dispatcher whose registers are in the processor, or null. Only the scheduler writes it.
extern Dispatcher* running;
inline Dispatcher* current() { return running; }

// Where the values belong that the FPU holds: to a dispatcher, or, if that is gone, nowhere that is ever looked at.
extern x86::FpuState* fpu_home;

// The dispatcher whose turn it is, or whose turn is the next; and with it the whole ring. Null: no dispatcher is runnable.
extern Dispatcher* head;

// Puts a dispatcher at the end of the ring; nothing happens if it is in it.
void enqueue(Dispatcher& dispatcher);

// Takes it out of the ring; nothing happens if it is not in it. If it was the current one, somebody else must be made so
// before the kernel is left (`schedule`).
void dequeue(Dispatcher& dispatcher);

// `newcomer`, which is in no ring, takes the place of `dispatcher` in it.
inline void replace_in_ring(Dispatcher& dispatcher, Dispatcher& newcomer) {
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

// The next in the ring has the processor now: fills `frame` with what it goes on with. Waits for an interrupt while the ring is
// empty. The registers of the one that ran before must have been saved.
void schedule(x86::TrapFrame& frame);

// The turn that goes on ends a quantum from now, unless its end is known already.
void limit_turn();

// Whether the timer's interrupt, which has come, ends the turn that goes on. Called once for each of them.
bool turn_is_over();

// Whether the turn that goes on belongs to the place of `dispatcher` in the ring.
bool has_the_turn(const Dispatcher& dispatcher);

// The turn goes to the next in the ring, which is not empty: `head` is that one afterwards.
void end_turn();

// A turn is over, or given away: the current dispatcher's registers are saved and the next one's are in `frame`. If no other
// dispatcher is runnable, nothing happens.
void take_turns(x86::TrapFrame& frame);

// Makes `dispatcher`, which is not the current one, the current one: its address space and FPU registers. What it goes on with
// is up to the caller.
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

// Nobody's registers are in the processor any longer, as its dispatcher is about to go.
void forget_current(const Dispatcher& dispatcher);

}  // namespace sprat::dispatch
