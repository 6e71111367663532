// accidents.S — instructions that raise exceptions whatever the registers hold. Each has a label of its own, where the
// exception happens.

#include "worker_layout.hh"

  .macro accident name
  .globl accident_\name
accident_\name:
  .endm

  .text

accident divide
  divl zero
accident invalid_opcode
  ud2
accident breakpoint
  int3
accident single_step      // the jump to here is the step
  nop
accident read_nothing
  movb 0x30000123, %al
accident write_nothing
  movb %al, 0x30000ffc
accident write_code
  movb %al, accident_write_code
accident execute_data
  jmp zero
accident read_kernel
  movb 0xffffffff80100000, %al
accident write_kernel
  movb %al, 0xffffffff80100000
accident halt
  hlt
accident forbid_interrupts
  cli
accident gate
  int $0x20
accident control_register
  mov %cr0, %rax
accident port
  in $0x60, %al
accident non_canonical    // rbx is not canonical
  movb (%rbx), %al
accident non_canonical_jump
  jmp *%rbx

  .bss
  .balign 4096
  .globl zero
zero:
  .skip 8
  .section .note.GNU-stack, "", @progbits
