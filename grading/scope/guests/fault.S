# fault.S — one vCPU; instructions that fault in the middle of a straight line.
#include "guest.inc"

    lgdt gdt_pointer
    ljmp $8, $1f
1:  movl $16, %eax
    movl %eax, %ds
    movl %eax, %ss
    movl %eax, %es

    movl $on_invalid_opcode, %eax     # gate: offset 15..0, selector, flags, offset 31..16
    movw %ax, idt + 6 * 8
    shrl $16, %eax
    movw %ax, idt + 6 * 8 + 6
    movl $on_page_fault, %eax
    movw %ax, idt + 14 * 8
    shrl $16, %eax
    movw %ax, idt + 14 * 8 + 6
    lidt idt_pointer

    movl $0x83, directory             # the first 4 MiB, and no more
    movl $directory, %eax
    movl %eax, %cr3
    movl %cr4, %eax
    orl $0x10, %eax                   # 4 MiB pages
    movl %eax, %cr4
    movl %cr0, %eax
    orl $0x80000000, %eax
    movl %eax, %cr0

    # 1: 3 + ud2 + handler 2 + 2 = 8. The handler reads the stack, a first touch of that line: what
    # the processor itself pushes is not counted.
    region_begin 1
    nop
    nop
    nop
    ud2
    nop
    nop
    region_end 1

    # 2: 3 + the access that faults + handler 3 + the access again + the same line by its other name
    # + 1 = 10. The line is fetched once; directory and stack were touched before.
    region_begin 2
    nop
    nop
    nop
    movl 0x400000 + line, %eax
    movl line, %eax
    nop
    region_end 2

    finish

on_invalid_opcode:
    addl $2, (%esp)                   # behind ud2
    iret

on_page_fault:
    movl $0x83, directory + 4         # 0x400000 and up become another name of 0 and up
    addl $4, %esp                     # error code
    iret

    .data
    .balign 8
gdt:
    .quad 0, 0x00cf9a000000ffff, 0x00cf92000000ffff
gdt_pointer:
    .2byte 3 * 8 - 1
    .long gdt
idt:
    .rept 15
    .2byte 0, 8, 0x8e00, 0
    .endr
idt_pointer:
    .2byte 15 * 8 - 1
    .long idt

    .bss
    .balign 4096
directory: .skip 4096
line:      .skip 64
