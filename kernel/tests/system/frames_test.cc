// frames_test.cc — frames that travel between processes of any cores (user/tests/programs/courier.cc), with typed commands.

#include <criterion/criterion.h>

#include <algorithm>
#include <random>

#include "kernel/tests/system/session.hh"

using namespace sprat::grading;

namespace {

// On core 0, beside servers on all cores.
RunResult couriers(Emulator emulator, const std::string& typed, unsigned cores = 3,
                   double wall_seconds = 60) {
  std::vector<std::string> servers;
  for (unsigned core = 0; core < cores; ++core)
    servers.push_back("courier serve core=" + std::to_string(core));
  return session({.emulator = emulator,
                  .typed = typed + "exit\n",
                  .cores = cores,
                  .more = servers,
                  .wall_seconds = wall_seconds});
}

std::size_t occurrences(const std::string& text, const std::string& of) {
  std::size_t count = 0;
  for (std::size_t at = text.find(of); at != std::string::npos; at = text.find(of, at + 1)) ++count;
  return count;
}

// The same, and each text as often as it is there.
void expect_all(const RunResult& result, std::initializer_list<const char*> texts) {
  expect_session(result, texts);
  for (const std::string text : texts) {
    const auto expected = std::ranges::count(texts, text);
    cr_expect_geq(occurrences(result.console, text), std::size_t(expected), "\"%s\" in\n%s",
                  text.c_str(), result.console.c_str());
  }
}

void expect_couriers(const std::string& typed, std::initializer_list<const char*> texts,
                     unsigned cores = 3) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs})
    expect_all(couriers(emulator, typed, cores), texts);
}

}  // namespace

// And the copies, the last delete and the revoke take as many messages as user/agreement/README.md says.
Test(frames, two_cores_write_and_read_one_page_until_it_is_revoked) {
  expect_couriers("run courier 1 share\nrun courier 2 share\nrun 1 courier 0 share\n",
                  {"courier: share: all was well", "courier: share: all was well",
                   "courier: share: all was well", "Good bye."});
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

Test(frames, process_gets_and_gives_no_more_than_it_has) {
  expect_couriers("run courier 1 steal\nrun courier 0 steal\n",
                  {"courier: steal: all was well", "courier: steal: all was well", "Good bye."});
}

// After it, as many tickets can be had as before.
Test(frames, flood_of_tickets_is_refused_and_leaves_nothing) {
  expect_couriers("run courier 1 flood\nrun courier 0 flood\nrun courier 1 share\n",
                  {"courier: 8 tickets, then busy; line 0", "courier: 8 tickets, then busy; line 0",
                   "courier: share: all was well", "Good bye."});
}

Test(frames, one_process_cannot_take_all_places_for_shared_frames) {
  expect_couriers("run courier 1 2 fill\nrun courier 1 share\n",
                  {"courier: 32 frames, then out_of_memory; line 0", "courier: share: all was well",
                   "courier: fill: all was well", "courier: share: all was well", "Good bye."});
}

Test(frames, random_requests_do_no_harm) {
  expect_couriers(
      "run courier 1 fuzz\nrun courier 0 fuzz\nrun courier 1 share\nrun courier 0 share\n",
      {"courier: some requests were answered", "courier: some requests were answered",
       "courier: share: all was well", "courier: share: all was well", "Good bye."});
}

// The owner counts the dead core as a core without copies, and its frame can be revoked.
Test(frames, core_of_a_holder_stops) {
  expect_couriers(
      "run 2 courier 1 hold &\n@courier: holds 0x\nstop 2\nrun courier 1 share\nstart 2\n"
      "run 2 courier 1 share\n",
      {"courier: holds 0x5b2a7c0ffee", "courier: share: all was well", "monitor of core 2",
       "courier: share: all was well", "Good bye."});
}

// Its frames are swept everywhere before its memory is used again.
Test(frames, core_of_an_owner_stops) {
  expect_couriers(
      "run courier 1 hold &\nrun 2 courier 1 hold &\n@courier: holds 0x\n@courier: holds 0x\n"
      "stop 1\n@hold: all was well\n@hold: all was well\n"
      "start 1\nrun 1 hello\nrun courier 2 share\n",
      {"courier: holds 0x5b2a7c0ffee", "courier: holds nothing any more", "monitor of core 1",
       "of core 1\r\n", "courier: share: all was well", "Good bye."});
}

// Processes that exchange frames, and revoke them, are killed at random moments, and the tables of all monitors are as before. (The
// first ones make heaps and tables as large as they will be.) KILLS says how many are killed, KILLS_SEED begins otherwise than at
// a fresh seed.
Test(frames, nothing_is_left_of_processes_killed_while_frames_travel) {
  const std::uint64_t kills = from_environment("KILLS", 24);
  const std::uint64_t seed = from_environment("KILLS_SEED", std::random_device{}() % 1'000'000);
  const std::string words = std::to_string(kills) + " " + std::to_string(seed) + "\n";
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs}) {
    const RunResult result =
        couriers(emulator,
                 "run courier 1 reap 20 1\nrun courier 0 reap 10 1\ncensus\nrun courier 1 reap " +
                     words + "run courier 0 reap " + words +
                     "census\nrun courier 0 count\nrun courier 1 count\nrun courier 1 share\n",
                 2, 60 + static_cast<double>(kills) / 2);
    expect_all(result, {"courier: reap: all came back", "courier: reap: all came back",
                        "courier: reap: all came back", "courier: reap: all came back",
                        "courier: 0 own, 0 foreign, 0 awaited after",
                        "courier: 0 own, 0 foreign, 0 awaited after",
                        "courier: share: all was well", "Good bye."});
    const std::string& console = result.console;
    const std::string before = census(console, 1), after = census(console, 2);
    cr_expect_eq(before, after, "KILLS_SEED=%lu: before\n%s\nand after\n%s\n%s", seed,
                 before.c_str(), after.c_str(), console.c_str());
    cr_expect(console.find("after 0 lines") == std::string::npos, "no frame has travelled:\n%s",
              console.c_str());
  }
}

// A core whose processes trade with two others stops in the middle, and starts again.
Test(frames, core_stops_while_frames_travel) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs}) {
    const RunResult result = couriers(
        emulator,
        "run 2 courier 1 trade 1 &\nrun 2 courier 0 trade 2 &\nrun courier 2 trade 3 &\n"
        "run 1 courier 2 trade 4 &\nrun counter 1\nstop 2\nrun counter 1\nstart 2\nrun 2 hello\n"
        "run 2 courier 1 share\nrun 2 courier 0 share\nrun courier 1 share\n"
        "run courier 0 count\nrun courier 1 count\n");
    expect_all(result,
               {"of core 2\r\n", "courier: share: all was well", "courier: share: all was well",
                "courier: share: all was well", "courier: 0 own, 0 foreign, 0 awaited after",
                "courier: 0 own, 0 foreign, 0 awaited after", "Good bye."});
  }
}
