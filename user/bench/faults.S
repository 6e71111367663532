// faults.S — a page fault, and the markers around its cost.

#include "bench/markers.hh"

  .text

// void touch(std::uint64_t rdi) — reads from the address.
  .globl touch
touch:
  BEGIN(REGION_PAGE_FAULT_AND_BACK)
  BEGIN(REGION_PAGE_FAULT)
  mov (%rdi), %al
  .globl touched
touched:
  END(REGION_PAGE_FAULT_AND_BACK)
  ret

// The upcall page_fault of this program: the library's, and a marker at its first instruction.
  .globl marked_page_fault
marked_page_fault:
  END(REGION_PAGE_FAULT)
  jmp upcall_page_fault

  .section .note.GNU-stack, "", @progbits
