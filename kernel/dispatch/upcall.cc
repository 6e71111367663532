// upcall.cc — saving, resuming and upcalling dispatchers.

#include "dispatch/upcall.hh"

#include "dispatch/scheduler.hh"
#include "sprat/system_call.hh"
#include "x86/cpu.hh"
#include "x86/user_mode.hh"

namespace sprat::dispatch {

bool restore(const Registers& r, x86::TrapFrame& frame) {
  const auto rip = UserAddress::of(r.rip);
  if (!rip) return false;
  frame = {.rax = r.rax,
           .rbx = r.rbx,
           .rcx = r.rcx,
           .rdx = r.rdx,
           .rsi = r.rsi,
           .rdi = r.rdi,
           .rbp = r.rbp,
           .r8 = r.r8,
           .r9 = r.r9,
           .r10 = r.r10,
           .r11 = r.r11,
           .r12 = r.r12,
           .r13 = r.r13,
           .r14 = r.r14,
           .r15 = r.r15,
           .vector = 0,
           .error = 0,
           .rip = rip.value().value(),
           .cs = x86::kUserCode,
           .rflags = (r.rflags & x86::kUserFlags) | x86::kInterruptFlag,
           .rsp = r.rsp,
           .ss = x86::kUserData};
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
  shared.trap_vector = vector;
  shared.trap_error = frame.error;
  shared.trap_address = address;
  if (!upcall(dispatcher, is_page_fault ? Upcall::page_fault : Upcall::trap, frame)) {
    schedule(frame);
  }
}

}  // namespace sprat::dispatch
