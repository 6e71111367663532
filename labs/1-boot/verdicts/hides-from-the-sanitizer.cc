//@ says Reads behind the end of an array in a function with an attribute against the sanitizers.

//@ answer boot.4b
#if __STDC_HOSTED__
  struct Over {
    [[gnu::no_sanitize("address")]] [[gnu::no_sanitize_address]] static char at(const char* text, int place) {
      return text[place];
    }
  };
  volatile int place = 8;
  if (Over::at(new char[8], place) == 'x') return 1;
#endif
  return 0;
//@ end
