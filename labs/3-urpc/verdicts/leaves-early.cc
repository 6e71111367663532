//@ says Ends the machine with success when the first message is sent.

//@ answer urpc.1b
#if !__STDC_HOSTED__
    // invoke(kernel, Method::power_off, 1)
    std::uint64_t rax = 0, rdi = 0x105 | std::uint64_t{0x19} << 32, rsi = 1, rdx = 0;
    asm volatile("syscall" : "+a"(rax), "+D"(rdi), "+S"(rsi), "+d"(rdx) : : "rcx", "r8", "r9", "r10", "r11", "memory");
#endif
    Line& line = out_.line();
    fill(line, message);
    const std::uint64_t word = std::uint64_t{message.header} << control::header.position;
    line.control.store(word | lower_half_, std::memory_order_release);
    out_.pass(line);
    return {};
//@ end
