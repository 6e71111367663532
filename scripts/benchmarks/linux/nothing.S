// nothing.S — a program that ends at once.

  .globl _start
_start:
  mov $60, %eax // exit
  xor %edi, %edi
  syscall
  .section .note.GNU-stack, "", @progbits
