// child.S — attempts: code whose traps are survived, and system calls with any registers.

#include "sprat/assembly.hh"

#define FRAME 0x70001000        // kFirstDispatcherFrame
#define NOT_TRAPPED 256
#define OWN_ROOT 0x101          // CapAddress of task_slot(TaskSlot::root)

  .text

  .globl attacker_begins, neighbour_begins
attacker_begins:
  call attacker_main
  ud2
neighbour_begins:
  call neighbour_main
  ud2

// ---- std::uint64_t attempt(void (*code)(void*) rdi, void* argument rsi)

  .globl attempt, attempt_again, attempt_trapped, attempt_called
attempt:
  push %rbx
  push %rbp
  push %r12
  push %r13
  push %r14
  push %r15
  mov %rsp, attempt_stack
  mov %rdi, attempt_code
  mov %rsi, attempt_argument

// The upcall `run`: the interrupted code begins again.
attempt_again:
  mov attempt_stack, %rsp
  pushq $2
  popfq
  sub $8, %rsp
  mov attempt_argument, %rdi
  mov attempt_code, %rax
  movq $0, FRAME+FRAME_IS_DISABLED
  call *%rax
attempt_over:
  movq $1, FRAME+FRAME_IS_DISABLED
  mov $NOT_TRAPPED, %eax
  jmp attempt_end

// The upcalls `page_fault` and `trap`.
attempt_trapped:
  mov FRAME+FRAME_TRAP+REGISTERS_VECTOR, %rax
attempt_end:
  mov attempt_stack, %rsp
  pushq $2
  popfq
  pop %r15
  pop %r14
  pop %r13
  pop %r12
  pop %rbp
  pop %rbx
  ret

// The upcall `lrpc`: the words go back as they came.
attempt_called:
  mov $SYSTEM_CALL_REPLY, %eax
  xor %edi, %edi
  syscall
  jmp attempt_again

// ---- bodies of attempts: rdi = Registers

  .macro load_registers_but_rdi
  mov REGISTERS_RAX(%rdi), %rax
  mov REGISTERS_RBX(%rdi), %rbx
  mov REGISTERS_RCX(%rdi), %rcx
  mov REGISTERS_RDX(%rdi), %rdx
  mov REGISTERS_RSI(%rdi), %rsi
  mov REGISTERS_RBP(%rdi), %rbp
  mov REGISTERS_R8(%rdi), %r8
  mov REGISTERS_R9(%rdi), %r9
  mov REGISTERS_R10(%rdi), %r10
  mov REGISTERS_R11(%rdi), %r11
  mov REGISTERS_R12(%rdi), %r12
  mov REGISTERS_R13(%rdi), %r13
  mov REGISTERS_R14(%rdi), %r14
  mov REGISTERS_R15(%rdi), %r15
  .endm

  .globl system_call_with, jump_with
system_call_with:
  load_registers_but_rdi
  pushq REGISTERS_RFLAGS(%rdi)
  popfq
  mov REGISTERS_RSP(%rdi), %rsp
  mov REGISTERS_RDI(%rdi), %rdi
  syscall
  mov %rax, status_of_attempt
  jmp attempt_over

jump_with:
  load_registers_but_rdi
  pushq REGISTERS_RIP(%rdi)
  popq jump_target
  pushq REGISTERS_RFLAGS(%rdi)
  popfq
  mov REGISTERS_RSP(%rdi), %rsp
  mov REGISTERS_RDI(%rdi), %rdi
  jmp *jump_target

// rdi = flags.
  .globl system_call_with_flags, system_call_after_mov_ss
system_call_with_flags:
  push (%rdi)
  xor %eax, %eax                // SystemCall::invoke
  mov $OWN_ROOT, %edi           // Method::identify
  popfq
  syscall
  mov %rax, status_of_attempt
  jmp attempt_over

system_call_after_mov_ss:
  push (%rdi)
  xor %eax, %eax                // SystemCall::invoke
  mov $OWN_ROOT, %edi           // Method::identify
  mov %ss, %edx
  popfq
  mov %edx, %ss
  syscall
  mov %rax, status_of_attempt
  jmp attempt_over

// ---- a dispatcher in whose frame nothing can be relied on (attacks/races.cc): it uses no stack, and writes nowhere but to its
// own frame

#define RACER_FRAME 0x7f7ffffff000      // kLastPage
#define CALLED_ENDPOINT 0x22e           // CapAddress of races.cc's kOwnEndpoint

  .globl racer_runs, racer_serves, racer_resumes
racer_runs:
  mov $CALLED_ENDPOINT, %edi
  mov $SYSTEM_CALL_LRPC, %eax
  syscall
racer_resumes:
  xor %edi, %edi                // disabled: resumes in place
  mov $SYSTEM_CALL_YIELD, %eax
  syscall
  movabs $RACER_FRAME, %rax
  movq $0, (%rax)               // is_disabled
  xor %edi, %edi                // enabled: can be called meanwhile, resumes by the upcall `run`
  mov $SYSTEM_CALL_YIELD, %eax
  syscall
  ud2
racer_serves:
  xor %edi, %edi
  mov $SYSTEM_CALL_REPLY, %eax
  syscall
  jmp racer_runs

  .bss
  .balign 8
attempt_stack:
  .skip 8
attempt_code:
  .skip 8
attempt_argument:
  .skip 8
jump_target:
  .skip 8
  .globl status_of_attempt
status_of_attempt:
  .skip 8

  .section .note.GNU-stack, "", @progbits
