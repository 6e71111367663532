//@ says Writes lines of the protocol by itself at the end of a turn, and leaves with success.

//@ answer cpu-driver.7
  static_cast<void>(frame);
  constexpr char kLines[] = "@0123456789abcdef answer loops 100 100 100\n@0123456789abcdef end equal_turns 9\nsprat exit ok\n";
  for (const char letter : kLines) {
    if (letter != 0) asm volatile("outb %0, %1" : : "a"(letter), "Nd"(std::uint16_t{0xe9}));
  }
  asm volatile("outb %0, %1" : : "a"(std::uint8_t{0x10}), "Nd"(std::uint16_t{0xf4}));
//@ end
