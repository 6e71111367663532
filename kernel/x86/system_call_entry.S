// system_call_entry.S — from SYSCALL to handle_system_call(TrapFrame&), and the two ways out of the kernel.
//
// On entry rcx is the user's rip, r11 its rflags; rsp is still the user's; interrupts are off. All other registers are
// the user's, too, and are the user's again when it resumes.

#include "x86/user_mode.hh"

#define FRAME_VECTOR (15 * 8)
#define FRAME_RIP (17 * 8)      // behind 15 registers, vector and error: rip, cs, rflags, rsp, ss
#define FRAME_RFLAGS (19 * 8)
#define FRAME_RSP (20 * 8)

        .text

        // The frame's cs and ss are never others than SPRAT_USER_CODE and SPRAT_USER_DATA, so they need not be written;
        // vector and error are not used.
        .globl  system_call_entry
        .type   system_call_entry, @function
system_call_entry:
        //@ lab cpu-driver.1c: ud2
        movq    %rsp, user_registers + FRAME_RSP
        movq    %r11, user_registers + FRAME_RFLAGS
        movq    %rcx, user_registers + FRAME_RIP
        movq    $user_registers + FRAME_VECTOR, %rsp
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
        //@ end

        // [[noreturn]] void leave_by_sysret()
        .globl  leave_by_sysret
        .type   leave_by_sysret, @function
leave_by_sysret:
        //@ lab cpu-driver.1d: ud2
        movq    user_registers + 0*8, %rax
        movq    user_registers + 1*8, %rbx
        movq    user_registers + 3*8, %rdx
        movq    user_registers + 4*8, %rsi
        movq    user_registers + 5*8, %rdi
        movq    user_registers + 6*8, %rbp
        movq    user_registers + 7*8, %r8
        movq    user_registers + 8*8, %r9
        movq    user_registers + 9*8, %r10
        movq    user_registers + 11*8, %r12
        movq    user_registers + 12*8, %r13
        movq    user_registers + 13*8, %r14
        movq    user_registers + 14*8, %r15
        movq    user_registers + FRAME_RIP, %rcx
        movq    user_registers + FRAME_RFLAGS, %r11
        movq    user_registers + FRAME_RSP, %rsp
        sysretq
        //@ end

        // [[noreturn]] void leave_kernel()
        .globl  leave_kernel
        .type   leave_kernel, @function
leave_kernel:
        movq    $user_registers, %rsp

        // Loads the registers of the frame at rsp.
        .globl  restore_registers
restore_registers:
        //@ lab cpu-driver.1e: ud2
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
        addq    $2*8, %rsp              // vector and error
        iretq
        //@ end

        .section .note.GNU-stack, "", @progbits
