//@ says Lets whoever runs run on.

//@ answer cpu-driver.7
  static_cast<void>(frame.vector);
//@ end
