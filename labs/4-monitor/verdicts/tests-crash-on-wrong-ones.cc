//@ says Three tests that accept what is right, and crash where they should reject.

//@ answer monitor.8a
void crash_unless(bool is_right) {
  if (!is_right) *reinterpret_cast<volatile int*>(0x10) = 1;
}
SCHEDULE(first) {
  World world(4);
  world.suspect(1, 2);
  world.run();
  crash_unless(world.core(2).is_fenced && world.core(0).view == 5);
}
SCHEDULE(second) {
  World world(4, 3);
  world.start(3);
  world.run();
  crash_unless(world.core(3).view == 4);
}
SCHEDULE(third) {
  World world(4);
  world.add(1, 0);
  world.run();
  crash_unless(world.result(0) == "ok");
}
//@ end
