//@ says Ends the region that measures sends and begins it again, in a function of a header, which the test program is compiled with.

//@ answer urpc.1b
#if !__STDC_HOSTED__
    asm volatile(".byte 0x0f, 0x1f, 0x80; .word 48 | 0x8000; .byte 0x5e, 0x5a");
#endif
    write(Control().with<control::header>(message.header), message);
#if !__STDC_HOSTED__
    asm volatile(".byte 0x0f, 0x1f, 0x80; .word 48; .byte 0x5e, 0x5a");
#endif
    return {};
//@ end
