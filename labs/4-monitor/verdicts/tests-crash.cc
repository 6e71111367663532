//@ says Three tests that crash.

//@ answer monitor.8a
void crash() { *reinterpret_cast<volatile int*>(0x10) = 1; }
SCHEDULE(first) { crash(); }
SCHEDULE(second) {
  World world(3);
  world.run();
  crash();
}
SCHEDULE(third) { expect(World(2).core(7).exists); }
//@ end
