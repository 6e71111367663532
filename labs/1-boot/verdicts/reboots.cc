//@ says Resets the machine by the keyboard controller, again and again.

//@ answer boot.1a
  for (;;) out8(0x64, 0xfe);
//@ end
