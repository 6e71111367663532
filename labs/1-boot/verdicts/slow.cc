//@ says Is right, but waits far too long for each byte.

//@ answer boot.1b
  while (LineStatus(read(UartPort::line_status)).get<line_status::holding_empty>() == 0) pause();
  for (unsigned i = 0; i < 5'000; ++i) asm volatile("nop");
  write(UartPort::data, byte);
//@ end
