// hello.cc — says where it runs.

#include "lib/console.hh"
#include "lib/program.hh"
#include "lib/words.hh"

int sprat::main(const Startup& startup) {
  std::string_view words = arguments(startup);
  print("hello from process {} of core {}{}{}\n", startup.process_id, startup.core_id,
        words.empty() ? "" : ":", words);
  return 0;
}
