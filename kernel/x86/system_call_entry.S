// system_call_entry.S — from SYSCALL to handle_system_call(TrapFrame&), and the two ways out of the kernel.
//
// On entry rcx is the user's rip, r11 its rflags; rsp is still the user's; interrupts are off. All other registers are
// the user's, too, and are the user's again when it resumes.

#include "sprat/assembly.hh"

        .text

        // The frame's cs and ss are never others than kUserCode and kUserData, so they need not be written;
        // vector and error are not used.
        .globl  system_call_entry
        .type   system_call_entry, @function
system_call_entry:
        //@ lab cpu-driver.5c: ud2
        movq    %rsp, user_registers + REGISTERS_RSP
        movq    %r11, user_registers + REGISTERS_RFLAGS
        movq    %rcx, user_registers + REGISTERS_RIP
        movq    $user_registers + REGISTERS_VECTOR, %rsp
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
        //@ lab cpu-driver.5d: ud2
        movq    user_registers + REGISTERS_RAX, %rax
        movq    user_registers + REGISTERS_RBX, %rbx
        movq    user_registers + REGISTERS_RDX, %rdx
        movq    user_registers + REGISTERS_RSI, %rsi
        movq    user_registers + REGISTERS_RDI, %rdi
        movq    user_registers + REGISTERS_RBP, %rbp
        movq    user_registers + REGISTERS_R8, %r8
        movq    user_registers + REGISTERS_R9, %r9
        movq    user_registers + REGISTERS_R10, %r10
        movq    user_registers + REGISTERS_R12, %r12
        movq    user_registers + REGISTERS_R13, %r13
        movq    user_registers + REGISTERS_R14, %r14
        movq    user_registers + REGISTERS_R15, %r15
        movq    user_registers + REGISTERS_RIP, %rcx
        movq    user_registers + REGISTERS_RFLAGS, %r11
        movq    user_registers + REGISTERS_RSP, %rsp
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
        //@ lab cpu-driver.5e: ud2
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
