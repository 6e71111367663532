// first_process_test.cc — the end of a core's first process is reported on the console, and on the first core it ends the run
// (../first-process/main.cc).

#include <criterion/criterion.h>

#include "kernel/tests/system/session.hh"

using namespace sprat::grading;

namespace {

// The first process of core `core` faults. A run that halts is known as such when the scope has watched.
RunResult run_without(unsigned core, Emulator emulator, bool watched = false) {
  MachineConfig config = machine_of({.emulator = emulator, .cores = 2, .watched = watched});
  config.modules = {{build_folder() / "user/first-process", "monitor " + std::to_string(core)}};
  return Machine(config).run();
}

void expect_on_console(const RunResult& result, const std::string& text) {
  cr_expect(result.console.find(text) != std::string::npos, "\"%s\" is not on the console:\n%s\n%s",
            text.c_str(), result.console.c_str(), result.explanation.c_str());
}

}  // namespace

Test(first_process, that_stops_on_the_first_core_ends_the_run_as_failed) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::qemu_icount, Emulator::bochs}) {
    const RunResult result = run_without(0, emulator);
    cr_expect(result.ending == Ending::said_failed, "%s", result.explanation.c_str());
    expect_on_console(result, "The first process of core 0 was stopped: vector 6 at 0x4");
  }
}

Test(first_process, that_stops_on_another_core_is_reported) {
  const RunResult result = run_without(1, Emulator::qemu_icount, true);
  cr_expect(result.ending == Ending::halted, "%s", result.explanation.c_str());
  expect_on_console(result, "The first process of core 1 was stopped: vector 6 at 0x4");
}
