// console.cc — says many bytes on the console, as fast as it can; the grader knows which.

#include "debug/console.hh"

#include "boot/guest_test.hh"
#include "grading/guest/evidence.hh"

using namespace sprat;

SPRAT_GUEST_TEST(console) {
  constexpr unsigned kBytes = 2000;
  evidence::Session session(machine.command_line, "console");
  evidence::Sequence sequence(session.seed());
  debug::print("\n<<<");
  for (unsigned i = 0; i < kBytes; ++i) {
    const char letter = static_cast<char>('!' + sequence.next() % 94);
    debug::write_console({&letter, 1});
  }
  debug::print(">>>\n");
  debug::drain_console();
}
