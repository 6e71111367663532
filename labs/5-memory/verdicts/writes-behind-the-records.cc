//@ says Takes the record behind the one that it was given.

//@ answer memory.1d
  Halves* const behind = &halves;
  for (std::size_t i = 0; i < 100'000; ++i) behind[i].low.base = block.base;
  return Error::not_implemented;
//@ end
