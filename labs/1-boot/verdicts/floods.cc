//@ says Sends the same byte for ever, fast.

//@ answer boot.1b
  for (;;) write(UartPort::data, byte);
//@ end
