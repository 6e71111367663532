# counts.S — one vCPU; a region for each thing that is counted.
#include "guest.inc"

    # 1: nothing
    region_begin 1
    region_end 1

    # 2: a straight line of 1000
    region_begin 2
    .rept 1000
    nop
    .endr
    region_end 2

    # 3: 1 + 2 * 250
    region_begin 3
    movl $250, %ecx
1:  decl %ecx
    jnz 1b
    region_end 3

    # 4: a call of 3 instructions and its return, entered 5 times: 5 * 4
    movl $5, %ecx
1:  region_begin 4
    call three
    region_end 4
    decl %ecx
    jnz 1b

    # 5: REP string instructions count once each, whether they repeat 100 times, 3 times or never:
    # 3, and xchg
    movl $buffer, %edi
    movl $buffer, %esi
    movl $100, %ecx
    xorl %eax, %eax
    movl $3, %ebx
    region_begin 5
    rep stosb
    xchgl %ebx, %ecx
    rep lodsb
    rep lodsb
    region_end 5

    # 6: 6 instructions. 4 of them locked: by a LOCK prefix, or xchg with memory, which needs none.
    # xchg of registers and a plain add are not.
    xorl %edx, %edx
    region_begin 6
    lock incl word
    xchgl %eax, word
    xchgb %al, word
    lock cmpxchg8b word
    xchgl %eax, %ebx
    addl $1, word
    region_end 6

    # 7: 30 instructions. The first read of each of 10 lines fetches it; the second round and the
    # writes move nothing.
    region_begin 7
    .set line, 0
    .rept 10
    movl lines + 64 * line, %eax
    .set line, line + 1
    .endr
    .set line, 0
    .rept 10
    movl lines + 64 * line + 60, %eax
    movb %al, lines + 64 * line + 1
    .set line, line + 1
    .endr
    region_end 7

    # 8: 3 instructions, 5 lines fetched. The first write fetches as well; an access over the end of
    # a line is one to two lines, over the end of a page too.
    region_begin 8
    movl %eax, straddle
    movl %eax, straddle + 128 - 2
    movl %eax, straddle + 4096 - 2
    region_end 8

    # 9: 5 instructions, no lines: ports and the local APIC are devices.
    region_begin 9
    nop
    movl 0xfee00030, %eax
    inb $0x80, %al
    movl 0xfee00030, %eax
    nop
    region_end 9

    # 10, entered 3 times: each time 3 lines of code, the second of them skipped and the last two touched by one instruction,
    # and 3 lines of data. 11, around all of it: 3 lines of data, and of code one more, where it begins: in a line
    # from which something was executed already.
    .balign 64
    nop
    region_begin 11
    movl $3, %ecx
    jmp 1f
    .balign 64, 0xf4
1:  region_begin 10
    movl lines, %eax
    movl %eax, lines + 4
    movl lines + 64, %eax
    jmp 2f
    .balign 64, 0xf4
    .skip 64, 0xf4
2:  .rept 62
    nop
    .endr
    movl lines + 128, %eax
    region_end 10
    decl %ecx
    jnz 1b
    region_end 11

    finish

three:
    nop
    nop
    ret

    .bss
    .balign 4096
straddle: .skip 8192
lines:    .skip 64 * 10
buffer:   .skip 128
word:     .skip 64
