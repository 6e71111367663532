//@ says Does not come back from the end of the first turn.

//@ answer cpu-driver.7
  static_cast<void>(frame);
  for (;;) asm volatile("" : : : "memory");
//@ end
