// system_call_entry.S — from SYSCALL to handle_system_call(TrapFrame&), and the way out of the kernel that all share.
//
// On entry rcx is the user's rip, r11 its rflags; rsp is still the user's; interrupts are off. All other registers are
// the user's, too, and are the user's again when it goes on.

#include "x86/user_mode.hh"

#define FRAME_VECTOR (15 * 8)   // what follows the 15 registers: vector, error, rip, cs, rflags, rsp, ss

        .text

        .globl  system_call_entry
        .type   system_call_entry, @function
system_call_entry:
        movq    %rsp, user_stack_pointer
        movq    $stack_end, %rsp
        pushq   $SPRAT_USER_DATA
        pushq   user_stack_pointer
        pushq   %r11
        pushq   $SPRAT_USER_CODE
        pushq   %rcx
        pushq   $0
        pushq   $SPRAT_SYSTEM_CALL_VECTOR
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
        movq    %rsp, %rdi
        xorl    %ebp, %ebp              // backtraces end here
        call    handle_system_call

        // [[noreturn]] void leave_kernel()
        .globl  leave_kernel
        .type   leave_kernel, @function
leave_kernel:
        movq    $user_registers, %rsp

        // Loads the registers of the frame at rsp.
        .globl  restore_registers
restore_registers:
        cmpl    $SPRAT_SYSTEM_CALL_VECTOR, FRAME_VECTOR(%rsp)
        popq    %rax
        popq    %rbx
        popq    %rcx
        popq    %rdx
        popq    %rsi
        popq    %rdi
        popq    %rbp
        popq    %r8
        popq    %r9
        popq    %r10
        popq    %r11
        popq    %r12
        popq    %r13
        popq    %r14
        popq    %r15
        jne     1f
        movq    2*8(%rsp), %rcx         // rip
        movq    4*8(%rsp), %r11         // rflags
        movq    5*8(%rsp), %rsp
        sysretq
1:      addq    $2*8, %rsp              // vector and error
        iretq

        .bss
        .balign 8
user_stack_pointer:
        .skip   8

        .section .note.GNU-stack, "", @progbits
