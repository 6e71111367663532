# regions.S — one vCPU; every way to use markers wrongly or overlapping.
#include "guest.inc"

.macro nops count
    .rept \count
    nop
    .endr
.endm

    # 1 and 2 nested, 3 overlapping: markers of other regions are instructions like any other
    region_begin 1
    nops 1
    region_begin 2
    nops 10
    region_begin 3
    region_end 2
    nops 100
    region_end 1
    nops 1000
    region_end 3

    # 4: begun twice, ended twice: the first begin and the first end bound it
    region_begin 4
    nops 3
    region_begin 4
    nops 4
    region_end 4
    nops 5
    region_end 4

    # 5: ended, never begun
    nops 2
    region_end 5

    # 0x3fff is the last region; 0 and 0x4000 name none
    region_begin 0x3fff
    region_begin 0
    region_begin 0x4000
    region_end 0x3fff

    # 6: begun, never ended: counted to the end of the run, which is movl, outl and perhaps hlt
    region_begin 6
    nops 7
    finish
