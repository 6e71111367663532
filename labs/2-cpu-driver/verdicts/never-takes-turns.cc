//@ says Lets the running process run on.

//@ answer cpu-driver.7
static_cast<void>(frame.vector);
//@ end
