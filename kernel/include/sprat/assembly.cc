// assembly.cc — the numbers of this folder's types that assembly needs (for_assembly.hh).

#include <cstddef>

#include "sprat/for_assembly.hh"
#include "sprat/registers.hh"
//@ since cpu-driver
#include "sprat/dispatcher_frame.hh"
#include "sprat/system_call.hh"
//@ end

namespace sprat {

void numbers_for_assembly() {
  FOR_ASSEMBLY(REGISTERS_RAX, offsetof(Registers, rax));
  FOR_ASSEMBLY(REGISTERS_RBX, offsetof(Registers, rbx));
  FOR_ASSEMBLY(REGISTERS_RCX, offsetof(Registers, rcx));
  FOR_ASSEMBLY(REGISTERS_RDX, offsetof(Registers, rdx));
  FOR_ASSEMBLY(REGISTERS_RSI, offsetof(Registers, rsi));
  FOR_ASSEMBLY(REGISTERS_RDI, offsetof(Registers, rdi));
  FOR_ASSEMBLY(REGISTERS_RBP, offsetof(Registers, rbp));
  FOR_ASSEMBLY(REGISTERS_R8, offsetof(Registers, r8));
  FOR_ASSEMBLY(REGISTERS_R9, offsetof(Registers, r9));
  FOR_ASSEMBLY(REGISTERS_R10, offsetof(Registers, r10));
  FOR_ASSEMBLY(REGISTERS_R11, offsetof(Registers, r11));
  FOR_ASSEMBLY(REGISTERS_R12, offsetof(Registers, r12));
  FOR_ASSEMBLY(REGISTERS_R13, offsetof(Registers, r13));
  FOR_ASSEMBLY(REGISTERS_R14, offsetof(Registers, r14));
  FOR_ASSEMBLY(REGISTERS_R15, offsetof(Registers, r15));
  FOR_ASSEMBLY(REGISTERS_VECTOR, offsetof(Registers, vector));
  FOR_ASSEMBLY(REGISTERS_RIP, offsetof(Registers, rip));
  FOR_ASSEMBLY(REGISTERS_CS, offsetof(Registers, cs));
  FOR_ASSEMBLY(REGISTERS_RFLAGS, offsetof(Registers, rflags));
  FOR_ASSEMBLY(REGISTERS_RSP, offsetof(Registers, rsp));
  FOR_ASSEMBLY(REGISTERS_BYTES, sizeof(Registers));
  //@ since cpu-driver

  FOR_ASSEMBLY(FRAME_IS_DISABLED, offsetof(DispatcherFrame, is_disabled));
  FOR_ASSEMBLY(FRAME_WAS_INTERRUPTED, offsetof(DispatcherFrame, was_interrupted));
  FOR_ASSEMBLY(FRAME_PENDING, offsetof(DispatcherFrame, pending));
  FOR_ASSEMBLY(FRAME_UPCALL_STACK, offsetof(DispatcherFrame, upcall_stack));
  FOR_ASSEMBLY(FRAME_ENABLED, offsetof(DispatcherFrame, enabled));
  FOR_ASSEMBLY(FRAME_TRAP, offsetof(DispatcherFrame, trap));

  FOR_ASSEMBLY(SYSTEM_CALL_YIELD, static_cast<int>(SystemCall::yield));
  FOR_ASSEMBLY(SYSTEM_CALL_LRPC, static_cast<int>(SystemCall::lrpc));
  FOR_ASSEMBLY(SYSTEM_CALL_REPLY, static_cast<int>(SystemCall::reply));
  FOR_ASSEMBLY(YIELD_STAY, static_cast<int>(Yield::stay));
  FOR_ASSEMBLY(YIELD_WAIT, static_cast<int>(Yield::wait));
  //@ end
}

}  // namespace sprat
