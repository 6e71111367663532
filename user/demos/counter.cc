// counter.cc — never lets go of the processor by itself; says once a second that it is still there: `counter [seconds]`.

#include "lib/console.hh"
#include "lib/program.hh"
#include "lib/words.hh"

int sprat::main(const Startup& startup) {
  std::string_view words = arguments(startup);
  std::uint64_t seconds = 0;
  if (!parse_number(next_word(words), seconds)) seconds = 10;
  std::uint64_t next = __builtin_ia32_rdtsc();
  for (std::uint64_t second = 1; second <= seconds; ++second) {
    next += startup.tsc_hz;
    while (__builtin_ia32_rdtsc() < next) __builtin_ia32_pause();
    print("counter: {} s on core {}\n", second, startup.core_id);
  }
  return 0;
}
