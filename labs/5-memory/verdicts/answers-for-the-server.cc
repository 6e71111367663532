//@ says Prints the answer of a server that has nothing, in the place of its own.

//@ answer memory.3f
  static_cast<void>(to), static_cast<void>(request);
  [[maybe_unused]] constexpr char kAnswer[] = "none 0 1 0 state 0 0\n";
  asm volatile("syscall" : : "a"(1), "D"(1), "S"(kAnswer), "d"(sizeof kAnswer - 1) : "rcx", "r11", "memory");
  return false;
//@ end
