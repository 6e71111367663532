// partner.S — all that a partner does: one page, which partners.cc copies into an address space of its own. Each entry begins
// with rdi = the dispatcher's frame, disabled.

#include "bench/markers.hh"
#include "sprat/assembly.hh"

// Where it is in that address space; at that address these instructions are trusted (grading/lab/witness.cc).
  .globl partner_home
  .set partner_home, 0x10000000

// In its dispatcher's frame, behind all that the kernel knows: a word that only the partner knows.
  .globl partner_secret
  .set partner_secret, 2048

  .section .rodata
  .balign 16
  .globl partner_code
partner_code:

// run: waits for ever; enabled, so that it can be called meanwhile.
  .globl partner_waits
partner_waits:
  movq $0, FRAME_IS_DISABLED(%rdi)
1:
  mov $YIELD_WAIT, %edi
  mov $SYSTEM_CALL_YIELD, %eax
  syscall
  jmp 1b

// run: gives its turn to the next dispatcher, for ever.
  .globl partner_takes_turns
partner_takes_turns:
  mov $YIELD_STAY, %edi
  mov $SYSTEM_CALL_YIELD, %eax
  syscall
  jmp partner_takes_turns

// lrpc: answers with the words it was given, its secret added to the first.
  .globl partner_answers_marked
partner_answers_marked:
  END(REGION_LRPC_CALL)
  .globl partner_answers
partner_answers:
  EVENT(EVENT_PARTNER_CALLED)
  add partner_secret(%rdi), %rsi
  xor %edi, %edi
  mov $SYSTEM_CALL_REPLY, %eax
  syscall

  .globl partner_code_end
partner_code_end:

  .section .note.GNU-stack, "", @progbits
