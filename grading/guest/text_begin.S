// text_begin.S — linked first among the tests of a kernel: of all code in the image, what lies between is trusted.

  .text
  .globl guest_text_begin
guest_text_begin:

  .section .note.GNU-stack, "", @progbits
