// text_begin.S — linked first among the tests of a kernel: of all code in the image, only the part between is trusted.

  .text
  .globl guest_text_begin
guest_text_begin:

  // And the table of tests: of all its entries, those between lead to tests.
  .section .guest_tests, "a", @progbits
  .balign 16
  .globl guest_entries_begin
guest_entries_begin:

  .section .note.GNU-stack, "", @progbits
