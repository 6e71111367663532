//@ says Takes the record behind the one that it was given.

//@ answer memory.1d
  Halves* const halves = &reserve_.take();
  for (std::size_t i = 0; i < 100'000; ++i) halves[i].low.base = block.base;
  return Error::not_implemented;
//@ end
