//@ says Ends the emulator with the status of success at the end of a turn.

//@ answer cpu-driver.7
  static_cast<void>(frame);
  asm volatile("outb %0, %1" : : "a"(std::uint8_t{0x10}), "Nd"(std::uint16_t{0xf4}));
//@ end
