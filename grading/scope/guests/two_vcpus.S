# two_vcpus.S — two vCPUs pass a cache line to and fro, and count at the same time.
#include "guest.inc"

    .set rounds, 100
    .set loops, 100000
    .set second_start, 0x8000      # where the second vCPU begins, in real mode
    .set apic_command, 0xfee00300

    # Start the second vCPU: INIT, start-up. No waiting in between; an emulator needs none.
    movl $second_real_mode, %esi
    movl $second_start, %edi
    movl $second_real_mode_end - second_real_mode, %ecx
    rep movsb
    movl $0x000c4500, apic_command
    movl $0x000c4600 | second_start >> 12, apic_command

    # It says so when it has looked at the line.
1:  pause
    cmpl $0, ready
    je 1b
    movl ball, %eax

    # Region 1, on both: `rounds` times over and back. Both hold the line at the start.
    region_begin 1
    movl $1, %ecx
2:  movl %ecx, ball                # takes it away from the other
    incl %ecx
3:  pause
    cmpl %ecx, ball                # fetches it once the other has taken it
    jne 3b
    incl %ecx
    cmpl $2 * rounds + 1, %ecx
    jne 2b
    region_end 1

    region_begin 2                 # 1 + 2 * loops, while the other does the same
    movl $loops, %ecx
4:  decl %ecx
    jnz 4b
    region_end 2

    region_begin 3                 # begun here, ended there
    movl $1, go
5:  pause
    cmpl $0, done
    je 5b
    finish

second:
    movl ball, %eax
    movl $1, ready
    region_begin 1
    movl $1, %ecx
1:  pause
    cmpl %ecx, ball
    jne 1b
    incl %ecx
    movl %ecx, ball
    incl %ecx
    cmpl $2 * rounds + 1, %ecx
    jne 1b
    region_end 1

    region_begin 2
    movl $loops, %ecx
2:  decl %ecx
    jnz 2b
    region_end 2

3:  pause
    cmpl $0, go
    je 3b
    region_end 3
    movl $1, done
4:  hlt
    jmp 4b

    .code16
second_real_mode:
    cli
    xorw %ax, %ax
    movw %ax, %ds
    lgdtl second_start + (gdt_pointer - second_real_mode)
    movl %cr0, %eax
    orl $1, %eax
    movl %eax, %cr0
    ljmpl $8, $second_protected_mode
    .balign 8
gdt:
    .quad 0, 0x00cf9a000000ffff, 0x00cf92000000ffff
gdt_pointer:
    .2byte 3 * 8 - 1
    .long second_start + (gdt - second_real_mode)
second_real_mode_end:

    .code32
second_protected_mode:
    movl $16, %eax
    movl %eax, %ds
    movl %eax, %es
    movl %eax, %ss
    jmp second

    .bss
    .balign 64
ball:  .skip 64
ready: .skip 64
go:    .skip 64
done:  .skip 64
