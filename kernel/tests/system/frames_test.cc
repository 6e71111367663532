// frames_test.cc — frames that travel between processes of any cores (user/tests/programs/courier.cc), with typed commands.

#include <criterion/criterion.h>

#include "kernel/tests/system/session.hh"

using namespace sprat::grading;

namespace {

// On core 0, beside servers on cores 0 to 3.
RunResult couriers(Emulator emulator, const std::string& typed, unsigned cores = 3) {
  std::vector<std::string> servers;
  for (unsigned core = 0; core < cores; ++core)
    servers.push_back("courier serve core=" + std::to_string(core));
  return session({.emulator = emulator, .typed = typed + "exit\n", .cores = cores, .more = servers});
}

void expect_couriers(const std::string& typed, std::initializer_list<const char*> texts,
                     unsigned cores = 3) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs})
    expect_session(couriers(emulator, typed, cores), texts);
}

}  // namespace

// And the copies, the last delete and the revoke take as many messages as user/agreement/README.md says.
Test(frames, two_cores_write_and_read_one_page_until_it_is_revoked) {
  expect_couriers("run courier 1 share\nrun courier 2 share\n",
                  {"courier: share: all was well", "courier: share: all was well", "Good bye."});
}

Test(frames, processes_of_one_core_share_without_a_message) {
  expect_couriers("run courier 0 share\n", {"courier: share: all was well", "Good bye."}, 1);
}

Test(frames, holder_passes_a_copy_on_by_way_of_the_owner) {
  expect_couriers("run courier 1 2 pass\nrun courier 2 1 pass\n",
                  {"courier: pass: all was well", "courier: pass: all was well", "Good bye."});
}

Test(frames, process_that_ends_takes_its_frames_along) {
  expect_couriers("run courier 1 2 die\nrun 1 hello\n",
                  {"courier: die: all was well", "of core 1\r\n", "Good bye."});
}

// After it, as many tickets can be had as before.
Test(frames, flood_of_tickets_is_refused_and_leaves_nothing) {
  expect_couriers("run courier 1 flood\nrun courier 1 flood\nrun courier 1 share\n",
                  {"courier: 8 tickets, then busy", "courier: 8 tickets, then busy",
                   "courier: share: all was well", "Good bye."});
}

Test(frames, random_requests_do_no_harm) {
  expect_couriers("run courier 1 fuzz\nrun courier 0 fuzz\nrun courier 1 share\nrun courier 0 share\n",
                  {"courier: some requests were answered", "courier: some requests were answered",
                   "courier: share: all was well", "courier: share: all was well", "Good bye."});
}

// The owner counts the dead core as a core without copies, and its frame can be revoked.
Test(frames, core_of_a_holder_stops) {
  expect_couriers("run 2 courier 1 hold &\nrun counter 1\nstop 2\nrun courier 1 share\nstart 2\n"
                  "run 2 courier 1 share\n",
                  {"courier: holds 0x5b2a7c0ffee", "> stop 2", "courier: share: all was well",
                   "> start 2", "courier: share: all was well", "Good bye."});
}

// Its frames are swept everywhere before its memory is used again.
Test(frames, core_of_an_owner_stops) {
  expect_couriers("run courier 1 hold &\nrun 2 courier 1 hold &\nrun counter 1\nstop 1\nrun counter 1\n"
                  "start 1\nrun 1 hello\nrun courier 2 share\n",
                  {"courier: holds 0x5b2a7c0ffee", "> stop 1", "courier: holds nothing any more",
                   "> start 1", "of core 1\r\n", "courier: share: all was well", "Good bye."});
}
