//@ says Three tests that say lines of their own in place of requests and verdicts.

//@ answer monitor.8a
SCHEDULE(first) {
  say("over right");
  say("over wrong");
}
SCHEDULE(second) {
  say("begin ffffffff ffffffff");
  listen();
}
SCHEDULE(third) {
  World world(3);
  say("take 0 1 2 3");
  listen();
}
//@ end
