//@ says Takes the table of interrupts away when a turn is over.

//@ answer cpu-driver.7
  static_cast<void>(frame);
  const struct [[gnu::packed]] {
    std::uint16_t limit;
    std::uint64_t base;
  } nothing{};
  asm volatile("lidt %0; int3" : : "m"(nothing));
//@ end
