// text_end.S — linked last among the tests of a kernel: of all code in the image, only the part between is trusted.

  .text
  .globl guest_text_end
guest_text_end:

  // And the table of tests: of all its entries, those between lead to tests.
  .section .guest_tests, "a", @progbits
  .balign 16
  .globl guest_entries_end
guest_entries_end:

  .section .note.GNU-stack, "", @progbits
