//@ says Calls a function that nobody defines.

//@ answer boot.4b
  extern std::size_t count_frames(std::uint64_t);
  return count_frames(frame_pointer);
//@ end
