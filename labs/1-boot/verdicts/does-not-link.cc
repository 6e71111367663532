//@ says Calls a function that is not defined.

//@ answer boot.4b
  extern std::size_t count_frames(std::uint64_t);
  return count_frames(frame_pointer);
//@ end
