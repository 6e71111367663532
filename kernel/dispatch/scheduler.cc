// scheduler.cc — round robin by the local APIC's timer, which runs only while there is somebody to take turns with.

#include "dispatch/scheduler.hh"

#include "cap/operations.hh"
#include "dispatch/upcall.hh"
#include "x86/cpu.hh"
#include "x86/local_apic.hh"
#include "x86/user_mode.hh"

namespace sprat::dispatch {
namespace {

constinit Dispatcher* fpu_owner = nullptr;  // whose values the FPU holds
constinit Dispatcher* head = nullptr;       // of the ring: the one whose turn it is

}  // namespace

constinit Dispatcher* running = nullptr;

void enqueue(Dispatcher& dispatcher) {
  if (dispatcher.next != nullptr) return;
  if (head == nullptr) {
    head = dispatcher.next = dispatcher.previous = &dispatcher;
    return;
  }
  dispatcher.next = head;
  dispatcher.previous = head->previous;
  dispatcher.previous->next = dispatcher.next->previous = &dispatcher;
  if (dispatcher.next == dispatcher.previous) x86::start_timer(kQuantumMicroseconds);
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
  if (head != nullptr && head->next == head) x86::stop_timer();
}

void replace_in_ring(Dispatcher& dispatcher, Dispatcher& newcomer) {
  if (dispatcher.next == &dispatcher) {
    newcomer.next = newcomer.previous = &newcomer;
  } else {
    newcomer.next = dispatcher.next;
    newcomer.previous = dispatcher.previous;
    newcomer.next->previous = newcomer.previous->next = &newcomer;
  }
  dispatcher.next = dispatcher.previous = nullptr;
  if (head == &dispatcher) head = &newcomer;
}

void switch_to(Dispatcher& dispatcher) {
  if (running == &dispatcher) return;
  running = &dispatcher;
  if (x86::read_cr3() != dispatcher.root) x86::write_cr3(dispatcher.root);
  if (fpu_owner == &dispatcher) return;
  if (fpu_owner != nullptr) x86::save_fpu(fpu_owner->fpu);
  x86::restore_fpu(dispatcher.fpu);
  fpu_owner = &dispatcher;
}

void forget_current(const Dispatcher& dispatcher) {
  if (running == &dispatcher) running = nullptr;
  if (fpu_owner == &dispatcher) fpu_owner = nullptr;
}

void schedule(x86::TrapFrame& frame) {
  for (;;) {
    while (head == nullptr) {
      running = nullptr;
      if (!cap::take_apart()) x86::wait_for_interrupt();
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
