//@ says Sends the same byte for ever, slowly.

//@ answer boot.1b
  for (;;) {
    write(UartPort::data, byte);
    for (unsigned i = 0; i < 100'000; ++i) pause();
  }
//@ end
