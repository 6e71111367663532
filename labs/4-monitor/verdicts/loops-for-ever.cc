//@ says Begins the same change again and again.

//@ answer monitor.1b
  for (;;) missing_.remove(from);
//@ end
