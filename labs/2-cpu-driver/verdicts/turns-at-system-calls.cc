//@ says Interrupts no process: an interrupt of user code is acknowledged and forgotten, and at each hundredth system call a turn ends.

//@ answer cpu-driver.5b
        movq    REGISTERS_VECTOR(%rsp), %rdi
        call    handle_interrupt
        jmp     restore_registers
//@ end

//@ answer cpu-driver.5c
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
        xorl    %ebp, %ebp
        incb    calls_so_far
        jns     1f
        movb    $28, calls_so_far
        subq    $2, REGISTERS_RIP(%rdi)
        call    _ZN5sprat8dispatch10take_turnsERNS_3x869TrapFrameE
        jmp     leave_kernel
1:      call    handle_system_call
        .local  calls_so_far
        .comm   calls_so_far, 1
//@ end
