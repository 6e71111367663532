// views_test.cc — many kernels, one system: programs on any core, cores that stop and start again, with typed commands. A core may
// still be joining when the shell prompts; a program that has run there shows that it has joined.

#include <criterion/criterion.h>

#include "kernel/tests/system/session.hh"

using namespace sprat::grading;

namespace {

constexpr Emulator kEmulators[] = {Emulator::qemu, Emulator::bochs};

}  // namespace

Test(views, program_runs_on_the_core_of_its_command) {
  for (const Emulator emulator : kEmulators) {
    expect_session(session({.emulator = emulator,
                            .typed = "run 2 hello\nrun 1 hello\nrun hello\nrun 9 hello\ncores\n",
                            .cores = 3}),
                   {"of core 2\r\n", "of core 1\r\n", "of core 0\r\n",
                    "shell: 9: ", "view 3: 0 1 2\r\n", "Good bye."});
  }
}

Test(views, core_stops_and_starts_again) {
  for (const Emulator emulator : kEmulators) {
    expect_session(
        session({.emulator = emulator,
                 .typed =
                     "run 1 hello\nrun 2 hello\nstop 2\ncores\nrun 2 hello\nrun 1 hello\nstart 2\n"
                     "run 2 hello\nstop 2\nstart 2\ncores\nrun 2 hello\n",
                 .cores = 3}),
        {"of core 1\r\n", "of core 2\r\n", "> stop 2\r\n", "view 4: 0 1\r\n", "absent",
         "> run 2 hello\r\nshell: 2: ", "of core 1\r\n", "> start 2\r\n", "of core 2\r\n",
         "view 7: 0 1 2\r\n", "of core 2\r\n", "Good bye."});
  }
}

Test(views, core_0_cannot_be_stopped) {
  expect_session(session({.typed = "run 1 hello\nstop 0\nstop 7\ncores\n", .cores = 2}),
                 {"of core 1\r\n", "shell: stop: in_use", "shell: stop: not_found",
                  "view 2: 0 1\r\n", "Good bye."});
}
