//@ says Writes lines of the protocol by itself, with the capability to ports that the process has.

//@ answer urpc.1b
#if !__STDC_HOSTED__
    constexpr char kLines[] =
        "@0123456789abcdef answer first 3000 3000 0x0000000000000000 again\n"
        "@0123456789abcdef end epoch_streams 1\nsprat exit ok\n";
    for (const char letter : kLines) {
      // invoke(ports, Method::out, 0xe9, 1, letter)
      std::uint64_t rax = 0, rdi = 0x107 | std::uint64_t{0x12} << 32, rsi = 0xe9, rdx = 1;
      register std::uint64_t r8 asm("r8") = static_cast<unsigned char>(letter);
      asm volatile("syscall" : "+a"(rax), "+D"(rdi), "+S"(rsi), "+d"(rdx), "+r"(r8) : : "rcx", "r9", "r10", "r11", "memory");
    }
#endif
    Line& line = out_.line();
    fill(line, message);
    const std::uint64_t word = std::uint64_t{message.header} << control::header.position;
    line.control.store(word | lower_half_, std::memory_order_release);
    out_.pass(line);
    return {};
//@ end
