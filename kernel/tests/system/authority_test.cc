// authority_test.cc — a program that attacks the monitor by requests (user/tests/programs/bandit.cc): the other
// processes run as if there were no attack.

#include <criterion/criterion.h>

#include "kernel/tests/system/session.hh"

using namespace sprat::grading;

namespace {

// The typed text ends the session: bandits may wait for ever.
void expect_defence(const std::string& typed, std::initializer_list<const char*> texts) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs})
    expect_session(session({.emulator = emulator, .typed = typed + "exit\n", .more = {"bandit"}}),
                   texts);
}

}  // namespace

Test(authority, no_process_is_killed_by_its_number) {
  expect_defence("run counter 1 &\nrun bandit kill\nrun hello\n",
                 {"bandit: killed 0 processes", "hello from process 4", "Good bye."});
}

Test(authority, no_process_takes_the_place_of_a_waiter) {
  expect_defence("run bandit wait\nrun hello\n",
                 {"bandit: waits for 0 processes", "hello from process 3", "Good bye."});
}

Test(authority, no_process_spoils_the_command_lines_of_another) {
  expect_defence("run bandit text\n", {"bandit: 0 of 50 texts were spoiled", "Good bye."});
}

Test(authority, a_fork_bomb_ends_at_the_quota_of_its_starter) {
  expect_defence("run bandit bomb &\n@then quota_exceeded\nrun hello a\nrun hello b\nps\n",
                 {"then quota_exceeded", ": a\r\n", ": b\r\n", "bandit", "Good bye."});
}

// Or it could take all of another core, where its starter's quota does not count.
Test(authority, a_fork_bomb_on_another_core_ends_at_the_quota_of_its_starter) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs})
    expect_session(session({.emulator = emulator,
                            .typed = "run bandit far &\n@: quota_exceeded\nrun 1 hello a\n"
                                     "run 1 hello b\nexit\n",
                            .cores = 2,
                            .more = {"bandit"}}),
                   {": quota_exceeded", "of core 1: a\r\n", "of core 1: b\r\n", "Good bye."});
}

Test(authority, connections_to_a_listener_that_never_comes_leave_channels_to_others) {
  expect_defence("run bandit channels &\n@bandit: took\nrun talk &\nrun talk 0 still there?\n",
                 {"bandit: took", "core 0 says: still there?", "Good bye."});
}

// Both ends of a channel must use the same transport.
Test(authority, process_without_an_endpoint_cannot_connect_on_its_core) {
  expect_defence("run talk &\nrun bandit deaf\nrun talk 0 still there?\n",
                 {"bandit: connects without an endpoint: no_capability",
                  "core 0 says: still there?", "Good bye."});
}
