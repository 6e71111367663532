// text_end.S — linked last among the tests of a kernel: of all code in the image, what lies between is trusted.

  .text
  .globl guest_text_end
guest_text_end:

  .section .note.GNU-stack, "", @progbits
