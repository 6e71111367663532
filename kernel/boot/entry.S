// entry.S — the first instructions: from the loader's 32-bit protected mode to main() in the top 2 GiB.
//
// The loader leaves us (Multiboot 0.6.96, section 3.2): eax = 0x2badb002, ebx = physical address of its
// information structure, flat 32-bit segments, paging and interrupts off. The image is linked high but runs low
// until paging is on, so every address used before then is LOW(symbol).

#include "memory/layout.hh"
#include "x86/assembly.hh"

#define LOW(symbol) (symbol - SPRAT_KERNEL_BASE)

// Multiboot header: modules page-aligned, memory map wanted, address fields valid.
#define MAGIC 0x1badb002
#define FLAGS (1 << 0 | 1 << 1 | 1 << 16)

#define CODE_SELECTOR 8

        .section .text.entry, "ax"
        .code32

        .balign 4
multiboot_header:
        .long   MAGIC, FLAGS, -(MAGIC + FLAGS)
        .long   LOW(multiboot_header)   // header_addr
        .long   LOW(text_begin)         // load_addr
        .long   LOW(loaded_end)         // load_end_addr
        .long   LOW(stack_end)          // bss_end_addr: zeroed up to here
        .long   LOW(entry)              // entry_addr

        .globl  entry
        .type   entry, @function
entry:
        //@ since cpu-driver
        .byte   0x0f, 0x1f, 0x80, 16, 0, 0x5e, 0x5a     // region_begin<Region::boot_to_prompt>
        //@ end
        .byte   0x0f, 0x1f, 0x80, 1, 0, 0x5e, 0x5a      // region_begin<Region::boot_to_banner>
        cli
        cld
        movl    $LOW(stack_end), %esp
        movl    $LOW(no_loader), %esi
        cmpl    $0x2badb002, %eax
        jne     give_up
        movl    %ebx, %ebp                      // cpuid overwrites ebx
        movl    $LOW(no_long_mode), %esi
        movl    $0x80000000, %eax
        cpuid
        cmpl    $0x80000001, %eax
        jb      give_up
        movl    $0x80000001, %eax
        cpuid
        andl    $(1 << 29 | 1 << 20), %edx      // long mode and no-execute
        cmpl    $(1 << 29 | 1 << 20), %edx
        jne     give_up
        movl    %ebp, %ebx

        // Now the jump to long mode. The four boot tables below are zeroed pages. Conditions at long_mode_entry: the
        // first GiB of physical memory is mapped at 0, at the window and at the kernel base (memory/layout.hh), by 2 MiB
        // pages; NXE and WP are on; cs is the 64-bit segment of boot_gdt; ebx is unchanged; and the processor came
        // there by a far jump to LOW(long_mode_entry).

        //@ lab boot.2a: movl $LOW(exercise_open), %esi; jmp give_up
        // PML4: the identity map and the window share one table; the kernel base has its own.
        movl    $(LOW(boot_low_pdpt) + (ENTRY_P | ENTRY_W)), LOW(boot_pml4) + 0*8
        movl    $(LOW(boot_low_pdpt) + (ENTRY_P | ENTRY_W)), LOW(boot_pml4) + 256*8
        movl    $(LOW(boot_high_pdpt) + (ENTRY_P | ENTRY_W)), LOW(boot_pml4) + 511*8
        movl    $(LOW(boot_pd) + (ENTRY_P | ENTRY_W)), LOW(boot_low_pdpt) + 0*8
        movl    $(LOW(boot_pd) + (ENTRY_P | ENTRY_W)), LOW(boot_high_pdpt) + 510*8

        // The page directory: 512 pages of 2 MiB.
        movl    $LOW(boot_pd), %edi
        movl    $(ENTRY_P | ENTRY_W | ENTRY_PS), %eax
1:      movl    %eax, (%edi)
        addl    $8, %edi
        addl    $(2 << 20), %eax
        cmpl    $((1 << 30) | ENTRY_P | ENTRY_W | ENTRY_PS), %eax
        jne     1b

        // PAE, then the root, then long mode, then paging: the order is the processor's (SDM 3A, 9.8.5).
        movl    %cr4, %eax
        orl     $CR4_PAE, %eax
        movl    %eax, %cr4
        movl    $LOW(boot_pml4), %eax
        movl    %eax, %cr3
        movl    $EFER_MSR, %ecx
        rdmsr
        orl     $(EFER_LME | EFER_NXE), %eax
        wrmsr
        movl    %cr0, %eax
        orl     $(CR0_PG | CR0_WP), %eax
        movl    %eax, %cr0

        // Still 32-bit code, in a mode called compatibility, until cs is a 64-bit segment.
        lgdt    LOW(boot_gdt_pointer)
        ljmp    $CODE_SELECTOR, $LOW(long_mode_entry)
        //@ end

        // Says the text at esi where a person and a test can see it, and ends the run. QEMU's serial port
        // works without being set up; a real one does not (exercise boot.1).
give_up:
        lodsb
        testb   %al, %al
        jz      1f
        outb    %al, $0xe9
        movw    $0x3f8, %dx
        outb    %al, %dx
        jmp     give_up
1:      movb    $0x11, %al
        outb    %al, $0xf4
        movl    $LOW(shutdown_word), %esi
        movl    $8, %ecx
        movw    $0x8900, %dx
        rep outsb
2:      hlt
        jmp     2b

        .code64
        .globl  long_mode_entry
        .type   long_mode_entry, @function
long_mode_entry:
        movq    $stack_end, %rsp
        //@ since cpu-driver
        movq    $user_registers, %rsp   // above all stack frames of the kernel
        movq    $rodata_end, %rsi       // .data, not changed yet
        movq    $pristine_data, %rdi
        movq    $loaded_end, %rcx
        subq    %rsi, %rcx
        rep movsb
        //@ end
        movl    %ebx, %edi              // main(physical address of the loader's information)
        xorl    %ebp, %ebp
        pushq   $0                      // the end of every backtrace
        movq    $main, %rax
        jmp     *%rax

        .section .rodata
no_loader:
        .asciz  "Sprat must be started by a Multiboot loader: QEMU's -kernel, or GRUB's multiboot command.\nsprat exit failed\n"
no_long_mode:
        .asciz  "Sprat needs a 64-bit processor with no-execute pages; try QEMU's -cpu max.\nsprat exit failed\n"
exercise_open:
        .asciz  "Sprat is still in 32-bit mode. Exercise boot.2 (kernel/boot/entry.S) is the way on.\nsprat exit failed\n"
shutdown_word:
        .ascii  "Shutdown"

        .balign 8
boot_gdt:
        .quad   0
        .quad   0x00209a0000000000      // present, code, 64-bit
boot_gdt_pointer:
        .word   . - boot_gdt - 1
        .long   LOW(boot_gdt)

        .bss
        .balign 4096
boot_pml4:      .skip 4096
boot_low_pdpt:  .skip 4096
boot_high_pdpt: .skip 4096
boot_pd:        .skip 4096

        .section .note.GNU-stack, "", @progbits
