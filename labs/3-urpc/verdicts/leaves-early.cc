//@ says Ends the machine with success when the first message is sent.

//@ answer urpc.1b
#if !__STDC_HOSTED__
    // invoke(kernel, Method::power_off, 1)
    std::uint64_t rax = 0, rdi = 0x105 | std::uint64_t{0x19} << 32, rsi = 1, rdx = 0;
    asm volatile("syscall" : "+a"(rax), "+D"(rdi), "+S"(rsi), "+d"(rdx) : : "rcx", "r8", "r9", "r10", "r11", "memory");
#endif
    write(Control().with<control::header>(message.header), message);
    return {};
//@ end
