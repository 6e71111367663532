//@ says Ends the region that measures sends and begins it again, in a function of a header, which the test program is compiled with.

//@ answer urpc.1b
#if !__STDC_HOSTED__
    asm volatile(".byte 0x0f, 0x1f, 0x80; .word 48 | 0x8000; .byte 0x5e, 0x5a");
#endif
    Line& line = out_.line();
    fill(line, message);
    const std::uint64_t word = std::uint64_t{message.header} << control::header.position;
    line.control.store(word | lower_half_, std::memory_order_release);
    out_.pass(line);
#if !__STDC_HOSTED__
    asm volatile(".byte 0x0f, 0x1f, 0x80; .word 48; .byte 0x5e, 0x5a");
#endif
    return {};
//@ end
