// trap_entry.S — from an exception's vector to handle_trap(const TrapFrame&).
//
// On entry the processor has pushed ss, rsp, rflags, cs, rip and, for some vectors, an error code; interrupts
// are off. The stack then grows down to a TrapFrame (x86/traps.hh) and handle_trap never returns.
//@ since cpu-driver
// A trap in user mode goes to handle_user_trap(TrapFrame&), and an interrupt that the kernel lets in to
// handle_interrupt(vector); these two do return.

#include "x86/assembly.hh"
//@ end
#include "sprat/assembly.hh"

        .text

        .macro  trap_entry vector
        .balign 16                      // the size of an entry in trap_entries
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
        .balign 16
        .globl  trap_entries
trap_entries:
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
        testb   $3, REGISTERS_CS(%rsp)
        jnz     from_user
        cmpq    $FIRST_INTERRUPT_VECTOR, REGISTERS_VECTOR(%rsp)
        jae     interrupt_while_waiting
        //@ end
        andq    $-16, %rsp
        call    handle_trap

        //@ since cpu-driver
        // The frame is where it belongs, unless the exception has a stack of its own.
from_user:
        //@ lab cpu-driver.5b: jmp     handle_trap
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
        movl    $(REGISTERS_BYTES / 8), %ecx
        rep movsq
        movq    %rsp, %rdi
        jmp     1b
        //@ end

        // In wait_for_interrupt or let_interrupt_in, to which this returns, with interrupts off.
interrupt_while_waiting:
        movq    REGISTERS_VECTOR(%rsp), %rdi
        andl    $~FLAG_INTERRUPTS, REGISTERS_RFLAGS(%rsp)
        call    handle_interrupt
        jmp     restore_registers

        // A single step or a breakpoint of the user's that the processor held back until the kernel's first instruction
        // (after `mov ss`): not again. The user's own ones are traps like others.
        .globl  debug_entry
debug_entry:
        testb   $3, 8(%rsp)
        jnz     trap_1
        andl    $~FLAG_TRAP, 16(%rsp)
        iretq

        // A non-maskable interrupt may come anywhere in the kernel: no register changes. They are counted, for a debugger.
        .globl  non_maskable_entry
non_maskable_entry:
        incq    non_maskable_count
        iretq

        .bss
        .balign 8
        .globl  non_maskable_count
non_maskable_count:
        .skip   8
        .text
        //@ end

        // For debuggers, which unwind from traps.
        .globl  trap_code_end
trap_code_end:

        .section .note.GNU-stack, "", @progbits
