//@ says Waits for ever, and executes instructions while it does.

//@ answer boot.1a
  for (;;) pause();
//@ end
