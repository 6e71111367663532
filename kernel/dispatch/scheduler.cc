// scheduler.cc — round robin by the local APIC's timer, which runs only while there is somebody to take turns with.

#include "dispatch/scheduler.hh"

#include "cap/operations.hh"
#include "dispatch/upcall.hh"
#include "x86/cpu.hh"
#include "x86/local_apic.hh"
#include "x86/user_mode.hh"

namespace sprat::dispatch {
constinit Dispatcher* running = nullptr;
constinit Dispatcher* fpu_owner = nullptr;
constinit Dispatcher* head = nullptr;

namespace {

// It goes on when a second dispatcher joins the ring, and off at the end of a turn that nobody else waited for. Whoever calls
// another leaves the ring and comes back with the answer: that must not begin a new turn, or it would have all of them.
constinit bool timer_runs = false;

}  // namespace

void end_turn() {
  if (head != nullptr && head->next != head) return;
  x86::stop_timer();
  timer_runs = false;
}

void enqueue(Dispatcher& dispatcher) {
  if (dispatcher.next != nullptr) return;
  if (head == nullptr) {
    head = dispatcher.next = dispatcher.previous = &dispatcher;
    return;
  }
  dispatcher.next = head;
  dispatcher.previous = head->previous;
  dispatcher.previous->next = dispatcher.next->previous = &dispatcher;
  if (!timer_runs && dispatcher.next == dispatcher.previous) {
    x86::start_timer(kQuantumMicroseconds);
    timer_runs = true;
  }
}

void enqueue_first(Dispatcher& dispatcher) {
  enqueue(dispatcher);
  head = &dispatcher;
}

void dequeue(Dispatcher& dispatcher) {
  if (dispatcher.next == nullptr) return;
  if (head == &dispatcher) head = dispatcher.next == &dispatcher ? nullptr : dispatcher.next;
  dispatcher.previous->next = dispatcher.next;
  dispatcher.next->previous = dispatcher.previous;
  dispatcher.next = dispatcher.previous = nullptr;
}

void forget_current(const Dispatcher& dispatcher) {
  if (running == &dispatcher) running = nullptr;
  if (fpu_owner == &dispatcher) fpu_owner = nullptr;
}

void schedule(x86::TrapFrame& frame) {
  for (;;) {
    while (head == nullptr) {
      running = nullptr;
      if (cap::take_apart()) {
        x86::let_interrupt_in();
      } else {
        x86::wait_for_interrupt();
      }
    }
    Dispatcher& next = *head;
    switch_to(next);
    if (go_on(next, frame)) return;
  }
}

void take_turns(x86::TrapFrame& frame) {
  //@ lab cpu-driver.7: static_cast<void>(frame);
  if (running == nullptr || head == nullptr || head->next == head) return;
  save(*running, frame);
  head = running->next;
  schedule(frame);
  //@ end
}

}  // namespace sprat::dispatch
