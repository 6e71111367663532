// trap_entry.S — from an exception's vector to handle_trap(const TrapFrame&), and taking registers without one.
//
// On entry the processor has pushed ss, rsp, rflags, cs, rip and, for some vectors, an error code; interrupts
// are off. The stack then grows down to a TrapFrame (x86/traps.hh) and handle_trap never returns.
//@ since cpu-driver
// A trap in user mode goes to handle_user_trap(TrapFrame&), and an interrupt that the kernel lets in to
// handle_interrupt(vector); these two do return.

#include "x86/user_mode.hh"

#define FRAME_VECTOR (15 * 8)
#define FRAME_CS (18 * 8)
#define FRAME_RFLAGS (19 * 8)
#define FLAG_INTERRUPTS (1 << 9)
//@ end

        .text

        .macro  trap_entry vector
trap_\vector:
        // Vectors with an error code: 8, 10 to 14, 17, 21, 29, 30. The others get a zero in its place.
        .if !(\vector == 8 || (\vector >= 10 && \vector <= 14) || \vector == 17 || \vector == 21 || \vector == 29 || \vector == 30)
        pushq   $0
        .endif
        pushq   $\vector
        jmp     save_registers
        .endm

        .altmacro
        .set    vector, 0
        .rept   256
        trap_entry %vector
        .set    vector, vector + 1
        .endr

save_registers:
        pushq   %r15
        pushq   %r14
        pushq   %r13
        pushq   %r12
        pushq   %r11
        pushq   %r10
        pushq   %r9
        pushq   %r8
        pushq   %rbp
        pushq   %rdi
        pushq   %rsi
        pushq   %rdx
        pushq   %rcx
        pushq   %rbx
        pushq   %rax
        cld
        movq    %rsp, %rdi
        xorl    %ebp, %ebp              // the handler's own frames end here
        //@ since cpu-driver
        testb   $3, FRAME_CS(%rsp)
        jnz     from_user
        cmpq    $SPRAT_FIRST_INTERRUPT_VECTOR, FRAME_VECTOR(%rsp)
        jae     interrupt_while_waiting
        //@ end
        andq    $-16, %rsp
        call    handle_trap

        //@ since cpu-driver
        // The frame is where it belongs, unless the exception has a stack of its own.
from_user:
        //@ lab cpu-driver.1b: jmp     handle_trap
        pushq   $2
        popfq                           // no flag of the user's: SMAP counts, single steps end
        movq    $user_registers, %rax
        cmpq    %rax, %rsp
        jne     2f
1:      call    handle_user_trap
        jmp     leave_kernel
2:      movq    %rsp, %rsi
        movq    %rax, %rdi
        movq    %rax, %rsp
        movl    $(SPRAT_FRAME_BYTES / 8), %ecx
        rep movsq
        movq    %rsp, %rdi
        jmp     1b
        //@ end

        // In wait_for_interrupt or let_interrupt_in, to which this returns, with interrupts off.
interrupt_while_waiting:
        movq    FRAME_VECTOR(%rsp), %rdi
        andl    $~FLAG_INTERRUPTS, FRAME_RFLAGS(%rsp)
        call    handle_interrupt
        jmp     restore_registers

        // A single step or a breakpoint of the user's that the processor held back until the kernel's first instruction
        // (after `mov ss`): not again. The user's own ones are traps like others.
        .globl  debug_entry
debug_entry:
        testb   $3, 8(%rsp)
        jnz     trap_1
        andl    $~0x100, 16(%rsp)       // TF in rflags
        iretq

        // A non-maskable interrupt may come anywhere in the kernel: no register changes. They are counted, for a debugger.
        .globl  non_maskable_entry
non_maskable_entry:
        incq    non_maskable_count
        iretq
        //@ end

        // void capture_registers(TrapFrame* frame /* rdi */)
        .globl  capture_registers
        .type   capture_registers, @function
capture_registers:
        movq    %rax, 0*8(%rdi)
        movq    %rbx, 1*8(%rdi)
        movq    %rcx, 2*8(%rdi)
        movq    %rdx, 3*8(%rdi)
        movq    %rsi, 4*8(%rdi)
        movq    %rdi, 5*8(%rdi)
        movq    %rbp, 6*8(%rdi)
        movq    %r8, 7*8(%rdi)
        movq    %r9, 8*8(%rdi)
        movq    %r10, 9*8(%rdi)
        movq    %r11, 10*8(%rdi)
        movq    %r12, 11*8(%rdi)
        movq    %r13, 12*8(%rdi)
        movq    %r14, 13*8(%rdi)
        movq    %r15, 14*8(%rdi)
        movq    $0, 15*8(%rdi)
        movq    $0, 16*8(%rdi)
        movq    (%rsp), %rax
        movq    %rax, 17*8(%rdi)
        movq    %cs, %rax
        movq    %rax, 18*8(%rdi)
        pushfq
        popq    %rax
        movq    %rax, 19*8(%rdi)
        leaq    8(%rsp), %rax
        movq    %rax, 20*8(%rdi)
        movq    %ss, %rax
        movq    %rax, 21*8(%rdi)
        ret

        .section .rodata
        .globl  trap_entries
        .balign 8
trap_entries:
        .set    vector, 0
        .macro  trap_address vector
        .quad   trap_\vector
        .endm
        .rept   256
        trap_address %vector
        .set    vector, vector + 1
        .endr

        //@ since cpu-driver
        .bss
        .balign 8
        .globl  non_maskable_count
non_maskable_count:
        .skip   8
        //@ end

        .section .note.GNU-stack, "", @progbits
