# made_code.S — one vCPU; markers in code that is made at run time, in the middle of a region of the program's own, and events
# before that and there.
#include "guest.inc"

.set made, 0x300000

    event 7
    cld
    region_begin 1
    movl $pattern, %esi
    movl $made, %edi
    movl $pattern_end - pattern, %ecx
    rep movsb
    movl $made, %eax
    call *%eax
    region_end 1
    finish

pattern:
    event 8
    region_end 1
    region_begin 1
    ret
pattern_end:
