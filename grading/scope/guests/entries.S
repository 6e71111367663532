# entries.S — one vCPU in long mode; the same code lies in both halves of the address space, and what executes in the upper
# one counts as a kernel.
#include "guest.inc"

    .set upper_half, 0xffff800000000000
    .set vector, 48
    .set apic, 0xfee00000

.macro nops count
    .rept \count
    nop
    .endr
.endm
.macro to_kernel                      # the next instruction is the kernel's
    movl $1f, %eax
    orq %rbx, %rax
    jmp *%rax
1:
.endm
.macro to_user                        # 2 instructions of the kernel's
    movl $1f, %eax
    jmp *%rax
1:
.endm

    movb $0xff, %al                   # no interrupts but our own
    outb %al, $0x21
    outb %al, $0xa1
    lgdt gdt_pointer
    movl %cr4, %eax
    orl $0x20, %eax                   # PAE
    movl %eax, %cr4
    movl $root, %eax
    movl %eax, %cr3
    movl $0xc0000080, %ecx            # EFER
    rdmsr
    orl $0x100, %eax                  # long mode
    wrmsr
    movl %cr0, %eax
    orl $0x80000000, %eax
    movl %eax, %cr0
    ljmp $8, $long_mode

    .code64
long_mode:
    movabsq $upper_half, %rbx
    xorl %eax, %eax
    movl %eax, %ss
    movl $on_interrupt, %eax          # gate: offset 15..0, selector, flags, offset 31..16, 63..32
    movl $idt + vector * 16, %edi
    movw %ax, (%rdi)
    movl $0x8e000008, 2(%rdi)
    shrl $16, %eax
    movw %ax, 6(%rdi)
    movl $upper_half >> 32, 8(%rdi)
    lidt idt_pointer(%rip)
    movl $apic + 0xf0, %edi           # enable the local APIC
    movl $0x1ff, (%rdi)

    # Booting is no entry, and halting meanwhile begins none.
    to_kernel
    nops 1000
    call interrupt_myself
    sti
    hlt
    cli
    nops 2000
    to_user

    # 1: 12
    region_begin 1
    to_kernel
    nops 10
    to_user
    region_end 1

    # 2: 7 and 102. 3, around it and more: 102
    region_begin 3
    region_begin 2
    to_kernel
    nops 5
    to_user
    to_kernel
    nops 100
    to_user
    region_end 2
    to_kernel
    to_user
    region_end 3

    # 4: 5, and the repetitions
    movl $buffer, %edi
    region_begin 4
    to_kernel
    movl $500, %ecx
    nop
    rep stosb
    to_user
    region_end 4

    # 5: 4 by a trap
    region_begin 5
    int $vector
    region_end 5

    # 6: up to the hlt 1 + 4 + 20 + 2 = 27; and the code that the interrupt woke up: 4 + 1 + 30 + 2 = 37
    region_begin 6
    to_kernel
    call interrupt_myself
    nops 20
    sti
    hlt
    cli
    nops 30
    to_user
    region_end 6

    # 7: interrupts are heard between the nop and the cli: 10 + 2 = 12, and 1 + 20 + 2 = 23
    region_begin 7
    to_kernel
    nops 10
    sti
    nop
    cli
    nops 20
    to_user
    region_end 7

    # Never ended, and none therefore; not by the hlt of `finish` either, which QEMU executes from version 9 on
    to_kernel
    nops 5000
    movl $done_value, %eax
    outl %eax, $exit_port
9:  jmp 9b

interrupt_myself:                     # 4 instructions
    movl $apic + 0x300, %edi
    movl $0x40000 | vector, (%rdi)
    nop
    ret

on_interrupt:                         # 4 instructions
    movl $apic + 0xb0, %edi           # end of interrupt
    movl $0, (%rdi)
    nop
    iretq

    .data
    .balign 8
gdt:
    .quad 0, 0x00209a0000000000
gdt_pointer:
    .2byte 2 * 8 - 1
    .long gdt, 0
idt_pointer:
    .2byte (vector + 1) * 16 - 1
    .long idt, 0

    # Each level's entries: present and writable. The first 2 MiB, and the 2 MiB of the local APIC, uncached.
.macro entry to, flags
    .long \to + \flags, 0
.endm
    .balign 4096
root:
    entry middle, 3
    .fill 255, 8, 0
    entry middle, 3
    .fill 255, 8, 0
middle:
    entry low, 3
    .fill 2, 8, 0
    entry high, 3
    .fill 508, 8, 0
low:
    entry 0, 0x83
    .fill 511, 8, 0
high:
    .fill 503, 8, 0
    entry apic, 0x93
    .fill 8, 8, 0

    .bss
    .balign 16
idt:    .skip (vector + 1) * 16
buffer: .skip 512
