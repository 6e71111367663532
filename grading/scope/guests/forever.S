# forever.S — never ends by itself.
#include "guest.inc"

    region_begin 1
1:  jmp 1b
