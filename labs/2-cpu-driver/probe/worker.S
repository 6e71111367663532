// worker.S — code of the workers in which every register counts.

#include "labs/2-cpu-driver/probe/assembly.hh"
#include "sprat/assembly.hh"
#include "worker_layout.hh"

  .macro store_registers base
  mov %rax, REGISTERS_RAX+\base
  mov %rbx, REGISTERS_RBX+\base
  mov %rcx, REGISTERS_RCX+\base
  mov %rdx, REGISTERS_RDX+\base
  mov %rsi, REGISTERS_RSI+\base
  mov %rdi, REGISTERS_RDI+\base
  mov %rbp, REGISTERS_RBP+\base
  mov %r8, REGISTERS_R8+\base
  mov %r9, REGISTERS_R9+\base
  mov %r10, REGISTERS_R10+\base
  mov %r11, REGISTERS_R11+\base
  mov %r12, REGISTERS_R12+\base
  mov %r13, REGISTERS_R13+\base
  mov %r14, REGISTERS_R14+\base
  mov %r15, REGISTERS_R15+\base
  mov %rsp, REGISTERS_RSP+\base
  .endm

  .macro load_registers_but_rsi base
  mov REGISTERS_RAX+\base, %rax
  mov REGISTERS_RBX+\base, %rbx
  mov REGISTERS_RCX+\base, %rcx
  mov REGISTERS_RDX+\base, %rdx
  mov REGISTERS_RBP+\base, %rbp
  mov REGISTERS_R8+\base, %r8
  mov REGISTERS_R9+\base, %r9
  mov REGISTERS_R10+\base, %r10
  mov REGISTERS_R11+\base, %r11
  mov REGISTERS_R12+\base, %r12
  mov REGISTERS_R13+\base, %r13
  mov REGISTERS_R14+\base, %r14
  mov REGISTERS_R15+\base, %r15
  .endm

// Each register grows by a number of its own.
  .macro grow_registers
  lea 0x101(%rax), %rax
  lea 0x203(%rbx), %rbx
  lea 0x305(%rcx), %rcx
  lea 0x407(%rdx), %rdx
  lea 0x509(%rsi), %rsi
  lea 0x60b(%rdi), %rdi
  lea 0x70d(%rbp), %rbp
  lea 0x80f(%r8), %r8
  lea 0x911(%r9), %r9
  lea 0xa13(%r10), %r10
  lea 0xb15(%r11), %r11
  lea 0xc17(%r12), %r12
  lea 0xd19(%r13), %r13
  lea 0xe1b(%r14), %r14
  lea 0xf1d(%r15), %r15
  lea 0x101f(%rsp), %rsp
  .endm

// Events that only the scope sees (grading/scope/README.md).
  .macro event number
  .byte 0x0f, 0x1f, 0x80
  .word (\number) | 0x4000
  .byte 0x5e, 0x5a
  .endm

  .text

// ---- the four upcalls: rdi = the worker's page. Each worker has entries of its own, so that the scope sees which one it is.

  .macro upcall name, number
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7
  .globl \name\()_\n
\name\()_\n:
  event EVENT_UPCALLED(\n, \number)
  jmp \name
  .endr
\name:
  store_registers WORKER_SEEN+\number*REGISTERS_BYTES(%rdi)
  pushfq
  popq WORKER_SEEN+\number*REGISTERS_BYTES+REGISTERS_RFLAGS(%rdi)
  incq WORKER_COUNTS+8*\number(%rdi)
  mov WORKER_HANDLERS+8*\number(%rdi), %rax
  test %rax, %rax
  jz no_handler
  call *%rax
  ud2
  .endm

  upcall worker_run, 0
  upcall worker_page_fault, 1
  upcall worker_trap, 2
  upcall worker_lrpc, 3

no_handler:
  movq $0, FRAME_WAS_INTERRUPTED(%rdi)
  lea FRAME_ENABLED(%rdi), %rsi
  jmp *WORKER_RESUME(%rdi)

// ---- for each worker: going on with the registers at rsi; and code that does so all the time

  .macro worker n
  .globl worker_resume_\n, worker_critical_\n, worker_critical_end_\n, worker_switches_\n
worker_resume_\n:
  mov FRAME_UPCALL_STACK(%rdi), %rsp
  mov REGISTERS_RSP(%rsi), %rax
  mov %rax, resumed+16*\n
  mov REGISTERS_RIP(%rsi), %rax
  mov %rax, resumed+16*\n+8
  push REGISTERS_RDI(%rsi)
  push REGISTERS_RFLAGS(%rsi)
  load_registers_but_rsi 0(%rsi)
  mov REGISTERS_RSI(%rsi), %rsi
  popfq
worker_critical_\n:
  movq $0, FRAME_IS_DISABLED(%rdi)
  pop %rdi
  mov resumed+16*\n, %rsp
  jmp *resumed+16*\n+8
worker_critical_end_\n:

// Enabled: the registers grow. Then all of them are put away and taken up again, as by a process's
// own scheduler. After `turns` rounds the registers are left in `state`.
worker_switches_\n:
  event EVENT_GOES_ROUND(\n)
  grow_registers
  movq $1, WORKER_PAGES+4096*\n
  store_registers WORKER_PAGES+4096*\n+FRAME_ENABLED
  movq $0x202, WORKER_PAGES+4096*\n+FRAME_ENABLED+REGISTERS_RFLAGS
  movq $1f, WORKER_PAGES+4096*\n+FRAME_ENABLED+REGISTERS_RIP
  mov $WORKER_PAGES+4096*\n, %edi
  lea FRAME_ENABLED(%rdi), %rsi
  jmp worker_resume_\n
1:
  decq WORKER_PAGES+4096*\n+WORKER_TURNS
  jnz worker_switches_\n
  event EVENT_IS_DONE(\n)
  movq $1, WORKER_PAGES+4096*\n
  store_registers WORKER_PAGES+4096*\n+WORKER_STATE
  movq $1, WORKER_PAGES+4096*\n+WORKER_DONE
  jmp worker_rests
  .endm

  .irp n, 0, 1, 2, 3, 4, 5, 6, 7
  worker \n
  .endr

// ---- events.hh: each number's event, 16 bytes from one to the next

  .balign 16
  .globl events_by_number
events_by_number:
  .set number, 0
  .rept EVENT_NUMBERS
  event number
  ret
  .balign 16
  .set number, number + 1
  .endr

// ---- loops that change nothing

// Every register grows; then they stay as they are.
  .globl grow_and_stand_still, stand_still
grow_and_stand_still:
  grow_registers
stand_still:
  jmp stand_still

// The same, until `turns` of worker 0 is not 0; then the registers grow, and are left in `state`.
  .globl stand_still_for_a_while
stand_still_for_a_while:
  cmpq $0, WORKER_PAGES+WORKER_TURNS
  je stand_still_for_a_while
  grow_registers
  event EVENT_IS_DONE(0)
  store_registers WORKER_PAGES+WORKER_STATE
  movq $1, WORKER_PAGES+WORKER_DONE
  .globl worker_rests
worker_rests:
  mov $1, %edi          // Yield::wait
  mov $1, %eax          // SystemCall::yield
  syscall
  jmp worker_rests

// Enabled or not: counts in the worker's page at rdi.
  .globl count_in_page
count_in_page:
  incq WORKER_TURNS(%rdi)
  jmp count_in_page

// ---- void system_call_with_registers(const Registers& in /* rdi */, Registers& out /* rsi */): SYSCALL with these
// registers and flags. rsp is this function's unless in.rsp is not 0; if it is, SYSCALL comes right behind POPFQ.

  .globl system_call_with_registers
system_call_with_registers:
  push %rbx
  push %rbp
  push %r12
  push %r13
  push %r14
  push %r15
  mov %rsp, callers_stack
  mov %rsi, callers_out
  mov REGISTERS_RSI(%rdi), %rsi
  push REGISTERS_RFLAGS(%rdi)
  mov REGISTERS_RSP(%rdi), %rax
  mov %rax, stack_in_call
  test %rax, %rax
  load_registers_but_rsi 0(%rdi)
  mov REGISTERS_RDI(%rdi), %rdi
  jnz 1f
  popfq
  syscall
  jmp 2f
1:
  popfq
  mov stack_in_call, %rsp
  syscall
2:
  mov %rsp, stack_in_call
  mov callers_stack, %rsp
  pushfq
  push %rax
  mov callers_out, %rax
  store_registers 0(%rax)
  popq REGISTERS_RAX(%rax)
  popq REGISTERS_RFLAGS(%rax)
  mov stack_in_call, %rcx
  mov %rcx, REGISTERS_RSP(%rax)
  pushq $2
  popfq
  pop %r15
  pop %r14
  pop %r13
  pop %r12
  pop %rbp
  pop %rbx
  ret

// ---- void run_with_registers(const Registers& in /* rdi */, std::uint64_t code /* rsi */): jumps to the code with these
// registers and flags; rsp is this function's. The code comes back by jumping, with any registers, to come_back.

  .globl run_with_registers
run_with_registers:
  push %rbx
  push %rbp
  push %r12
  push %r13
  push %r14
  push %r15
  mov %rsp, callers_stack
  mov %rsi, code_to_run
  mov REGISTERS_RSI(%rdi), %rsi
  load_registers_but_rsi 0(%rdi)
  push REGISTERS_RFLAGS(%rdi)
  mov REGISTERS_RDI(%rdi), %rdi
  popfq
  jmp *code_to_run

  .globl come_back
come_back:
  mov callers_stack, %rsp
  pushq $2
  popfq
  pop %r15
  pop %r14
  pop %r13
  pop %r12
  pop %rbp
  pop %rbx
  ret

// ---- void go_on_disabled(const Registers& /* rdi */): goes on with all of these registers, and changes nothing else

  .globl go_on_disabled
go_on_disabled:
  mov REGISTERS_RIP(%rdi), %rax
  mov %rax, code_to_run
  mov REGISTERS_RSI(%rdi), %rsi
  push REGISTERS_RFLAGS(%rdi)
  load_registers_but_rsi 0(%rdi)
  popfq
  mov REGISTERS_RSP(%rdi), %rsp
  mov REGISTERS_RDI(%rdi), %rdi
  jmp *code_to_run

// ---- void spin(std::uint64_t rdi): 2 * rdi instructions, and the return

  .globl spin
spin:
  dec %rdi
  jnz spin
  ret

// ---- void keep_fpu(WorkerPage& page /* rdi */): holds notes 0 to 29 in the SSE registers, note 30 in x87, and note 62 in MXCSR, for
// `turns` turns of a loop; then stores twice the numbers of SSE, and the negative of that of x87, from note 32 on, and MXCSR in
// note 63. rsp is the page's end.

  .globl keep_fpu
keep_fpu:
  ldmxcsr WORKER_NOTES+8*62(%rdi)
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
  movups WORKER_NOTES+16*\n(%rdi), %xmm\n
  .endr
  fninit
  fildll WORKER_NOTES+16*15(%rdi)
1:
  decq WORKER_TURNS(%rdi)
  jnz 1b
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14
  paddq %xmm\n, %xmm\n
  movups %xmm\n, WORKER_NOTES+8*32+16*\n(%rdi)
  .endr
  fchs
  fistpll WORKER_NOTES+8*32+16*15(%rdi)
  stmxcsr WORKER_NOTES+8*63(%rdi)
  lea -WORKER_PAGES(%rdi), %eax
  shr $12-4, %eax
  lea events_by_number+16*EVENT_IS_DONE(0)(%rax), %rax
  call *%rax
  movq $1, WORKER_DONE(%rdi)
  jmp worker_rests

  .bss
  .balign 16
  .globl callers_stack
resumed:
  .skip 16 * WORKERS
callers_stack:
  .skip 8
callers_out:
  .skip 8
stack_in_call:
  .skip 8
code_to_run:
  .skip 8

  .section .note.GNU-stack, "", @progbits
