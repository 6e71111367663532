//@ says Allocates and touches memory for ever, where there is an allocator.

//@ answer cpu-driver.3e
#if __STDC_HOSTED__
  for (;;) {
    auto* block = new std::uint8_t[1 << 20];
    for (std::size_t i = 0; i < (1 << 20); i += 4096) *const_cast<volatile std::uint8_t*>(block + i) = 1;
  }
#endif
  return Error::no_capability;
//@ end
