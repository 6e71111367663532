// trampoline.S — from a core's first instruction, in real mode, to main_of_other_core() in its own copy of the image.
//
// A core that gets a STARTUP begins at the page that the message names, with cs = page / 16, ip = 0, interrupts off,
// and caches off (SDM 3A, 9.4). trampoline_begin up to trampoline_end is copied to that page, so that every address in it
// is AT(label). trampoline_root has been set to the core's page tables, which map this page at its own address.

#include "memory/layout.hh"
#include "x86/assembly.hh"

#define AT(label) (label - trampoline_begin + SPRAT_TRAMPOLINE)
#define CODE_SELECTOR 8

        .section .rodata
        .globl  trampoline_begin, trampoline_root, trampoline_end
        .balign 16
trampoline_begin:
        .code16
        //@ lab cpu-driver.9c: hlt
        cli
        cld
        xorw    %ax, %ax
        movw    %ax, %ds
        lgdtl   AT(gdt_pointer)
        movl    $CR4_PAE, %eax
        movl    %eax, %cr4
        movl    AT(trampoline_root), %eax
        movl    %eax, %cr3
        movl    $EFER_MSR, %ecx
        rdmsr
        orl     $(EFER_LME | EFER_NXE), %eax
        wrmsr
        // Protection, paging and with them long mode, all at once; and the caches, whose two bits are zero.
        movl    $(CR0_PG | CR0_WP | CR0_ET | CR0_PE), %eax
        movl    %eax, %cr0
        ljmpl   $CODE_SELECTOR, $AT(long_mode)
        //@ end

        .code64
long_mode:
        movq    $other_core_entry, %rax
        jmp     *%rax

        .balign 8
gdt:
        .quad   0
        .quad   0x00209b0000000000      // present, code, 64-bit, accessed: this page is read only by then
gdt_pointer:
        .word   . - gdt - 1
        .long   AT(gdt)
        .balign 4
trampoline_root:
        .long   0
trampoline_end:

        //@ since monitor
        // Is copied to that page instead for a core that is to stop. It executes nothing else after this.
        .globl  parking_begin, parking_end
parking_begin:
        .code16
        cli
        xorw    %ax, %ax
        movw    %ax, %ds
        movl    $1, SPRAT_HANDSHAKE
parked: hlt
        jmp     parked
parking_end:
        .code64
        //@ end

        .text
        .type   other_core_entry, @function
other_core_entry:
        movq    $user_registers, %rsp   // above all stack frames of the kernel
        movq    $core_handover, %rdi    // main_of_other_core(handover)
        xorl    %ebp, %ebp
        pushq   $0                      // the end of every backtrace
        movq    $main_of_other_core, %rax
        jmp     *%rax

        .section .note.GNU-stack, "", @progbits
