// speak.S — says text to the scope in words that nothing in the guest can see or send: executed NOPs (scope/speech.hh).
//
// void speak(std::uint64_t offset /* rdi */, std::uint64_t letters /* rsi, from 1 up */): a piece of spoken_line, three times,
// so that an interrupt spoils one attempt of it and not all. Changes only registers that calls may change. Between
// speech_begin and speech_words there is no RET on which a chain of returns could go from word to word.

#define BEGIN 0x10  // + the attempt, from 0
#define RING 0x20   // + the ring it is executed in
#define END 0x30
#define ATTEMPTS 3

  // Executes the word that is in eax.
  .macro say
  shl $4, %eax
  add %r10, %rax
  call *%rax
  .endm

  .text
  .globl speak, speech_begin, speech_words, speech_end
speech_begin:
speak:
  lea speech_words(%rip), %r10
  lea spoken_line(%rip), %rax
  add %rax, %rdi
  xor %r8d, %r8d
1:
  lea BEGIN(%r8), %eax
  say
  mov %cs, %eax
  and $3, %eax
  add $RING, %eax
  say
  xor %r9d, %r9d
2:
  movzbl (%rdi,%r9), %ecx
  mov %ecx, %eax
  shr $4, %eax
  say
  mov %ecx, %eax
  and $15, %eax
  say
  inc %r9
  cmp %rsi, %r9
  jb 2b
  mov $END, %eax
  say
  inc %r8d
  cmp $ATTEMPTS, %r8d
  jb 1b
  jmp spoken

  .balign 16
speech_words:
  .set word, 0
  .rept END + 1
  .byte 0x0f, 0x1f, 0x80
  .word word
  .byte 0x5f, 0x5a
  ret
  .balign 16
  .set word, word + 1
  .endr
speech_end:

spoken:
  ret

  .bss
  .globl spoken_line, spoken_line_end
  .balign 1024
spoken_line:
  .skip 1024
spoken_line_end:

  .section .note.GNU-stack, "", @progbits
