// quick_loader.S — the code that the BIOS of Bochs starts: it puts files where a table says, and enters a Multiboot kernel.
//
// This is one sector of a disc, loaded at 0x7c00. quick_disc.cc, which makes the disc, writes the table. GRUB in its place
// takes fifteen times as long, most of it to unpack itself.

#define SECTOR          2048
#define MOST_SECTORS    32              // of one read: the buffer has 64 KiB
#define BUFFER          0x10000
#define MAP             0x9000          // the BIOS's memory map, entry by entry
#define MAP_END         (MAP + 40 * 24) // quick_disc.cc has room for as much
#define DATA_SELECTOR   16

        .code16
        .globl  start
start:
        ljmp    $0, $begin              // the BIOS came by another segment
begin:
        cli
        cld
        movw    $0, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %ss
        movw    $0x7c00, %sp
        sti
        movb    %dl, drive
        inb     $0x92, %al              // address line 20
        orb     $2, %al
        outb    %al, $0x92
        cmpl    $0, entry               // no kernel can be loaded
        je      halt

        movw    $parts, %bp
next_part:
        movl    (%bp), %eax
        movl    %eax, packet_sector
        movl    4(%bp), %edx            // sectors to go
        movl    8(%bp), %edi            // to there
        testl   %edx, %edx
        jz      read_memory_map
next_read:
        movl    $MOST_SECTORS, %ecx
        cmpl    %ecx, %edx
        jae     1f
        movl    %edx, %ecx
1:      movw    %cx, packet_count
        pushal
        movb    $0x42, %ah              // extended read
        movb    drive, %dl
        movw    $packet, %si
        int     $0x13
        popal
        jc      halt
        call    reach_all_memory
        addl    %ecx, packet_sector
        subl    %ecx, %edx
        shll    $9, %ecx                // 512 words of 4 bytes in a sector
        movl    $BUFFER, %esi
        rep movsl %ds:(%esi), %es:(%edi)
        testl   %edx, %edx
        jnz     next_read
        addw    $12, %bp
        jmp     next_part

read_memory_map:
        xorl    %ebx, %ebx
        movw    $MAP, %di
1:      movl    $20, (%di)              // bytes that follow
        movl    $0xe820, %eax
        movl    $0x534d4150, %edx       // "SMAP"
        movl    $20, %ecx
        addw    $4, %di
        int     $0x15
        jc      2f
        addw    $20, %di
        cmpw    $MAP_END, %di
        jae     3f
        testl   %ebx, %ebx
        jnz     1b
        jmp     3f
2:      subw    $4, %di
3:      subw    $MAP, %di
        movzwl  %di, %ecx
        call    reach_all_memory
        movl    information, %ebx
        movl    %ecx, 44(%ebx)          // bytes of the map
        movl    48(%ebx), %edi          // its place
        movl    $MAP, %esi
        rep movsb %ds:(%esi), %es:(%edi)

        cli
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        ljmpl   $8, $enter

halt:
        cli
        hlt
        jmp     halt

// Real-mode instructions reach 4 GiB by ds and es until a BIOS call changes that. Keeps all registers but eax.
reach_all_memory:
        pushw   %bx
        cli
        lgdtl   table_of_segments
        movl    %cr0, %eax
        orb     $1, %al
        movl    %eax, %cr0
        movw    $DATA_SELECTOR, %bx
        movw    %bx, %ds
        movw    %bx, %es
        andb    $0xfe, %al
        movl    %eax, %cr0
        xorw    %bx, %bx
        movw    %bx, %ds
        movw    %bx, %es
        sti
        popw    %bx
        ret

        .code32
enter:
        movw    $DATA_SELECTOR, %ax
        movw    %ax, %ds
        movw    %ax, %es
        movw    %ax, %fs
        movw    %ax, %gs
        movw    %ax, %ss
        movl    $0x2badb002, %eax       // Multiboot 0.6.96, section 3.2
        movl    information, %ebx
        jmp     *entry

        .balign 8
segments:
        .quad   0, 0x00cf9b000000ffff, 0x00cf93000000ffff       // none, code, data
table_of_segments:
        .word   . - segments - 1
        .long   segments

packet:                                 // of int 13h, function 42h
        .byte   16, 0
packet_count:
        .word   0
        .word   0, BUFFER >> 4          // offset and segment
packet_sector:
        .long   0, 0
drive:
        .byte   0

        .org    1024
entry:                                  // of the kernel, 0 for none
        .long   0
information:                            // of Multiboot, where it will be
        .long   0
parts:                                  // first sector, sectors, destination; no sectors end the table
        .org    SECTOR
