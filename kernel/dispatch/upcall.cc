// upcall.cc — saving, resuming and upcalling dispatchers.

#include "dispatch/upcall.hh"

#include "dispatch/scheduler.hh"

namespace sprat::dispatch {

bool restore(const Registers& registers, x86::TrapFrame& frame) {
  const auto rip = UserAddress::of(registers.rip);
  if (!rip) return false;
  static_cast<Registers&>(frame) = registers;
  frame.rip = rip.value().value();
  frame.cs = x86::kUserCode;
  frame.rflags = (registers.rflags & x86::kUserFlags) | x86::kInterruptFlag;
  frame.ss = x86::kUserData;
  return true;
}

void save(Dispatcher& dispatcher, const x86::TrapFrame& frame) {
  //@ lab cpu-driver.6a: static_cast<void>(frame);
  SharedFrame& shared = *dispatcher.frame;
  dispatcher.resumes_in_place = is_disabled(dispatcher, frame.rip);
  if (dispatcher.resumes_in_place) {
    shared.disabled.store(frame);
  } else {
    shared.enabled.store(frame);
    shared.was_interrupted = 1;
  }
  //@ end
}

bool upcall(Dispatcher& dispatcher, Upcall which, x86::TrapFrame& frame) {
  //@ lab cpu-driver.6b: stop(dispatcher, kNoTrap, 0, 0); return false;
  SharedFrame& shared = *dispatcher.frame;
  Registers registers{};
  registers.rdi = dispatcher.user_frame.value();
  registers.rip = shared.entries[static_cast<std::size_t>(which)].load();
  registers.rsp = shared.upcall_stack.load();
  if (!UserAddress::of(registers.rsp) || !restore(registers, frame)) {
    stop(dispatcher, kNoTrap, registers.rip, 0);
    return false;
  }
  shared.is_disabled = 1;
  dispatcher.resumes_in_place = false;
  return true;
  //@ end
}

bool go_on(Dispatcher& dispatcher, x86::TrapFrame& frame) {
  //@ lab cpu-driver.6c: return upcall(dispatcher, Upcall::run, frame);
  if (!dispatcher.resumes_in_place) return upcall(dispatcher, Upcall::run, frame);
  const Registers registers = dispatcher.frame->disabled.load();
  if (restore(registers, frame)) return true;
  stop(dispatcher, kNoTrap, registers.rip, 0);
  return false;
  //@ end
}

void deliver_trap(x86::TrapFrame& frame) {
  Dispatcher& dispatcher = *current();
  const std::uint64_t vector = frame.vector;
  const bool is_page_fault = vector == x86::kPageFaultVector;
  const std::uint64_t address = is_page_fault ? x86::read_cr2().value() : 0;
  if (is_disabled(dispatcher, frame.rip)) {
    stop(dispatcher, vector, frame.rip, address);
    return schedule(frame);
  }
  SharedFrame& shared = *dispatcher.frame;
  shared.trap.store(frame);
  shared.trap.vector = vector;
  shared.trap.error = frame.error;
  shared.trap_address = address;
  if (!upcall(dispatcher, is_page_fault ? Upcall::page_fault : Upcall::trap, frame)) {
    schedule(frame);
  }
}

}  // namespace sprat::dispatch
