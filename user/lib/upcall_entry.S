// upcall_entry.S — where the kernel enters a process, and how the process resumes its interrupted code.
//
// Every upcall begins with rdi = the dispatcher's frame, rsp = the top of the upcall stack, and the dispatcher disabled:
// nothing upcalls it until it is enabled again, so one stack and one place for the FPU's registers are enough.

#include "lib/assembly.hh"
#include "sprat/assembly.hh"

  .text

// ---- run: resume the enabled code where it was interrupted; no other register or memory is touched

  .globl upcall_run
upcall_run:
  cmpq $0, FRAME_WAS_INTERRUPTED(%rdi)
  je nothing_to_resume
  movq $0, FRAME_WAS_INTERRUPTED(%rdi)
  lea FRAME_ENABLED(%rdi), %rsi

// Goes on with the registers at rsi, enabled. The stack that is gone back to might have no page there yet, so nothing is
// pushed on it: rsp and rip come from memory of their own. (IRETQ would do as well, from the upcall stack; but QEMU reads
// that stack as if it were the kernel's, which SMAP forbids.) Between `is_disabled = 0` and the jump the dispatcher counts
// as disabled by its rip, so that no upcall overwrites registers that are still needed.
resume:
  mov FRAME_UPCALL_STACK(%rdi), %rsp
  mov REGISTERS_RSP(%rsi), %rax
  mov %rax, resumed_rsp(%rip)
  mov REGISTERS_RIP(%rsi), %rax
  mov %rax, resumed_rip(%rip)
  push REGISTERS_RDI(%rsi)
  push REGISTERS_RFLAGS(%rsi)
  mov REGISTERS_RAX(%rsi), %rax
  mov REGISTERS_RBX(%rsi), %rbx
  mov REGISTERS_RCX(%rsi), %rcx
  mov REGISTERS_RDX(%rsi), %rdx
  mov REGISTERS_RBP(%rsi), %rbp
  mov REGISTERS_R8(%rsi), %r8
  mov REGISTERS_R9(%rsi), %r9
  mov REGISTERS_R10(%rsi), %r10
  mov REGISTERS_R11(%rsi), %r11
  mov REGISTERS_R12(%rsi), %r12
  mov REGISTERS_R13(%rsi), %r13
  mov REGISTERS_R14(%rsi), %r14
  mov REGISTERS_R15(%rsi), %r15
  mov REGISTERS_RSI(%rsi), %rsi
  popfq                         // from here on nothing may change the flags
  .globl critical_begin
critical_begin:
  movq $0, FRAME_IS_DISABLED(%rdi)
  pop %rdi
  mov resumed_rsp(%rip), %rsp
  jmp *resumed_rip(%rip)
  .globl critical_end
critical_end:

nothing_to_resume:
  ud2

// ---- page_fault, trap: a function of C++ deals with it; then the same instruction again

  .globl upcall_page_fault
upcall_page_fault:
  push %rdi
  sub $8, %rsp
  fxsave64 upcall_fpu(%rip)
  call handle_page_fault
  jmp try_again

  .globl upcall_trap
upcall_trap:
  push %rdi
  sub $8, %rsp
  fxsave64 upcall_fpu(%rip)
  call handle_trap

try_again:
  fxrstor64 upcall_fpu(%rip)
  mov 8(%rsp), %rdi
  lea FRAME_TRAP(%rdi), %rsi
  jmp resume

// ---- lrpc: rax = badge, rbx = received capability, rsi, rdx, r8, r9, r10 = words; together they are a Call (lrpc.hh)

  .globl upcall_lrpc
upcall_lrpc:
  push %r10
  push %r9
  push %r8
  push %rdx
  push %rsi
  push %rbx
  push %rax
  push %rdi
  fxsave64 upcall_fpu(%rip)
  lea 8(%rsp), %rsi
  call handle_call
  fxrstor64 upcall_fpu(%rip)
  pop %rdi
  test %al, %al
  jz upcall_run        // the answer comes later
  mov %rsp, %rsi

// Replies with the Call at rsi. The kernel returns only if the capability cannot be sent; then it stays.
reply_with:
  mov CALL_CAPABILITY(%rsi), %rdi
  mov CALL_WORDS+8(%rsi), %rdx
  mov CALL_WORDS+16(%rsi), %r8
  mov CALL_WORDS+24(%rsi), %r9
  mov CALL_WORDS+32(%rsi), %r10
  mov CALL_WORDS(%rsi), %rsi
1:
  mov $SYSTEM_CALL_REPLY, %eax
  syscall
  xor %edi, %edi
  jmp 1b

// void reply_later(DispatcherFrame* rdi, const Call* rsi) — replies from enabled code. A reply ends an upcall and does not
// come back, so this stores the state that the next upcall `run` needs to return from here, and a pending notification,
// so that this upcall will come.
  .globl reply_later
reply_later:
  movq $1, FRAME_IS_DISABLED(%rdi)
  pop FRAME_ENABLED+REGISTERS_RIP(%rdi)
  mov %rsp, FRAME_ENABLED+REGISTERS_RSP(%rdi)
  movq $2, FRAME_ENABLED+REGISTERS_RFLAGS(%rdi)
  mov %rbx, FRAME_ENABLED+REGISTERS_RBX(%rdi)
  mov %rbp, FRAME_ENABLED+REGISTERS_RBP(%rdi)
  mov %r12, FRAME_ENABLED+REGISTERS_R12(%rdi)
  mov %r13, FRAME_ENABLED+REGISTERS_R13(%rdi)
  mov %r14, FRAME_ENABLED+REGISTERS_R14(%rdi)
  mov %r15, FRAME_ENABLED+REGISTERS_R15(%rdi)
  movq $1, FRAME_WAS_INTERRUPTED(%rdi)
  btsq $PENDING_LOOK_AGAIN, FRAME_PENDING(%rdi)
  jmp reply_with

  .bss
  .balign 16
upcall_fpu:
  .skip 512
resumed_rsp:
  .skip 8
resumed_rip:
  .skip 8

  .section .note.GNU-stack, "", @progbits
