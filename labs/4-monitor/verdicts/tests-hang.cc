//@ says Three tests that do not end: one waits, one goes round without the world, one with it.

//@ answer monitor.8a
SCHEDULE(first) { listen(); }
SCHEDULE(second) {
  for (;;) hex(1);
}
SCHEDULE(third) {
  World world(3);
  for (;;) world.step();
}
//@ end
