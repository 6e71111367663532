//@ says Executes an invalid instruction while it builds page tables.

//@ answer boot.2d
  __builtin_trap();
//@ end
