//@ says Three tests that reject every protocol, or some at random.

//@ answer monitor.8a
SCHEDULE(first) { expect(false); }
SCHEDULE(second) {
  World world(3);
  expect(world.below(8) != 0);
}
SCHEDULE(third) {
  World world(3);
  world.suspect(1, 2);
  expect(!world.news().empty() && world.news()[0].other == 1);
}
//@ end
