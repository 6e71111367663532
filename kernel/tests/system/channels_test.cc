// channels_test.cc — processes of different cores exchange messages, in the whole system, with typed commands.

#include <criterion/criterion.h>

#include "kernel/tests/system/session.hh"

using namespace sprat::grading;

namespace {

constexpr const char* kLong =
    "run talk 2 this takes more than one line of a ring, which has room for fifty-six letters\n";

}  // namespace

Test(channels, reach_programs_of_all_cores) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::qemu_icount, Emulator::bochs}) {
    expect_session(session({.emulator = emulator,
                            .typed = std::string(kLong) + "run talk 1 one\nrun talk 2 two\n",
                            .cores = 3,
                            .more = {"talk core=1", "talk core=2"}}),
                   {"\r\ncore 2 says: this takes more than one line of a ring, which has room for "
                    "fifty-six letters\r\n",
                    "\r\ncore 1 says: one\r\n", "\r\ncore 2 says: two\r\n", "Good bye."});
  }
}

Test(channels, process_whose_peer_ends_gets_peer_gone) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs}) {
    expect_session(
        session({.emulator = emulator,
                 .typed = "run talk 1 still there?\nrun talk 1 bye\nrun talk 1 hello?\n"
                          "run talk 7 hello\n",
                 .cores = 2,
                 .more = {"talk core=1"}}),
        {"core 1 says: still there?", "talk: peer_gone", "talk: not_found", "talk: not_found"});
  }
}

// By LRPC, with the same code.
Test(channels, reach_programs_of_the_same_core_as_of_others) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::qemu_icount, Emulator::bochs}) {
    expect_session(
        session({.emulator = emulator,
                 .typed =
                     "run talk 0 hello\nrun talk &\nrun talk 0 this takes more lines than one or"
                     " two, for by LRPC four words go at a time\nrun talk 0 hello\n"
                     "run talk 0 bye\nrun talk 0 hello\n"}),
        {"talk: not_found",
         "core 0 says: this takes more lines than one or two, for by LRPC four words go at a time",
         "core 0 says: hello", "talk: peer_gone", "talk: not_found", "Good bye."});
  }
}

// A place for a channel that was not given back would be missing after so many.
Test(channels, end_with_the_process_that_holds_them) {
  for (const std::string core : {"0", "1"}) {
    std::string typed = "run talk &\n";
    for (int i = 0; i < 40; ++i) typed += "run talk " + core + " " + std::to_string(i) + "\n";
    typed += "run talk 0 bye\n";
    const std::string first = "core " + core + " says: 0\r\n",
                      last = "core " + core + " says: 39\r\n";
    expect_session(session({.emulator = Emulator::qemu_icount,
                            .typed = typed,
                            .cores = 2,
                            .more = {"talk core=1"}}),
                   {first.c_str(), last.c_str(), "Good bye."});
  }
}

// The monitor has no slot left, then one, then two, … (user/tests/few-slots, user/tests/programs/connector.cc).
Test(channels, fail_at_both_ends_without_slots_and_leave_none_behind) {
  for (const std::string core : {"0", "1"}) {
    for (const Emulator emulator : {Emulator::qemu, Emulator::bochs}) {
      MachineConfig config = machine_of({.emulator = emulator, .cores = 2});
      config.modules = {{build_folder() / "user/few-slots", "monitor"},
                        {build_folder() / "user/connector", "connector " + core},
                        {build_folder() / "user/talk", "talk core=" + core}};
      const RunResult result = Machine(config).run();
      expect_session(result, {"attempts failed for want of slots, and all came back"});
      cr_expect(result.console.find("connector: 0 attempts") == std::string::npos);
    }
  }
}
