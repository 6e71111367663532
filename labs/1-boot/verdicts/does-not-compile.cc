//@ says Uses a name that does not exist.

//@ answer boot.4b
  return frames_of_the_stack;
//@ end
