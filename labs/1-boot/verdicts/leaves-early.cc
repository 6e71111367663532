//@ says Ends the emulator with the status of success before anything was tested.

//@ answer boot.1a
  out8(0xf4, 0x10);
//@ end
