// inserted_call.S — between an instruction that has faulted and its next attempt: saves all registers, calls a function, and restores them.
// Nothing is written to the stack before the process is enabled again: the stack may have no page there yet.

#include "lib/assembly.hh"
#include "sprat/assembly.hh"

  .text

// void insert_call(DispatcherFrame* rdi, void (*function)() rsi)
  .globl insert_call
insert_call:
  mov FRAME_TRAP+REGISTERS_RIP(%rdi), %rax
  mov %rax, interrupted_rip(%rip)
  mov %rsi, inserted_function(%rip)
  movq $inserted_call, FRAME_TRAP+REGISTERS_RIP(%rdi)
  ret

// In the place of the instruction: any registers, any rsp.
inserted_call:
  push interrupted_rip(%rip)
  pushfq
  push %rax
  push %rbx
  push %rcx
  push %rdx
  push %rsi
  push %rdi
  push %rbp
  push %r8
  push %r9
  push %r10
  push %r11
  push %r12
  push %r13
  push %r14
  push %r15
  mov %rsp, %rbp
  sub $512, %rsp
  and $-16, %rsp
  fxsave64 (%rsp)
  cld
  call *inserted_function(%rip)
  fxrstor64 (%rsp)
  mov %rbp, %rsp
  pop %r15
  pop %r14
  pop %r13
  pop %r12
  pop %r11
  pop %r10
  pop %r9
  pop %r8
  pop %rbp
  pop %rdi
  pop %rsi
  pop %rdx
  pop %rcx
  pop %rbx
  pop %rax
  popfq
  ret

  .bss
  .balign 8
interrupted_rip:
  .skip 8
inserted_function:
  .skip 8

  .section .note.GNU-stack, "", @progbits
