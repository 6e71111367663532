//@ says Halts for good with interrupts off.

//@ answer boot.1a
  halt_forever();
//@ end
