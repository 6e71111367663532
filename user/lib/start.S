// start.S — the first instruction of a process: its dispatcher's first upcall `run`, with rdi = the dispatcher's frame, rsp =
// the small stack that the process was made with, and the dispatcher disabled.

  .text
  .globl _start
_start:
  xor %ebp, %ebp
  call start
  ud2

// void go_on_with_stack(std::uint64_t stack_top rdi, void (*function)() rsi) — calls a function that does not return.
  .globl go_on_with_stack
go_on_with_stack:
  mov %rdi, %rsp
  xor %ebp, %ebp
  call *%rsi
  ud2

  .section .note.GNU-stack, "", @progbits
