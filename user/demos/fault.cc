// fault.cc — a forbidden access: `fault` reads kernel memory; `fault disabled` does so where no upcall can help.

#include "lib/console.hh"
#include "lib/program.hh"
#include "lib/upcalls.hh"
#include "lib/words.hh"

int sprat::main(const Startup& startup) {
  std::string_view words = arguments(startup);
  if (next_word(words) == "disabled") own_frame().is_disabled = 1;
  const auto* const kernel = reinterpret_cast<const volatile std::uint64_t*>(0xffff'ffff'8010'0000);
  print("fault: the kernel's memory holds {x}\n", *kernel);
  return 1;
}
