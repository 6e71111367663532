//@ says Executes an invalid instruction when a turn is over.

//@ answer cpu-driver.7
  static_cast<void>(frame);
  __builtin_trap();
//@ end
