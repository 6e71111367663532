// loans_test.cc — RAM that travels between processes of any cores (user/tests/programs/lender.cc), with typed commands.

#include <criterion/criterion.h>

#include <random>

#include "kernel/tests/system/session.hh"

using namespace sprat::grading;

namespace {

// On core 0, beside servers on all cores.
RunResult lenders(Emulator emulator, const std::string& typed, unsigned cores = 3,
                  double wall_seconds = 60) {
  std::vector<std::string> servers;
  for (unsigned core = 0; core < cores; ++core)
    servers.push_back("lender serve core=" + std::to_string(core));
  return session({.emulator = emulator,
                  .typed = typed + "exit\n",
                  .cores = cores,
                  .more = servers,
                  .wall_seconds = wall_seconds});
}

void expect_lenders(const std::string& typed, std::initializer_list<const char*> texts,
                    unsigned cores = 3) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs})
    expect_session(lenders(emulator, typed, cores), texts);
}

}  // namespace

// And a loan, a return and a take-back take as many messages as user/agreement/README.md says.
Test(loans, piece_is_used_on_another_core_and_comes_back_as_new) {
  expect_lenders("run lender 1 share\nrun 1 lender 2 share\n",
                 {"lender: share: all was well", "> run 1 lender 2 share",
                  "lender: share: all was well", "Good bye."});
}

Test(loans, processes_of_one_core_lend_without_a_message) {
  expect_lenders("run lender 0 share\n", {"lender: share: all was well", "Good bye."}, 1);
}

Test(loans, borrower_passes_a_piece_on_by_way_of_its_home) {
  expect_lenders("run 1 lender 2 3 pass\nrun lender 1 2 pass\n",
                 {"lender: pass: all was well", "> run lender 1 2 pass",
                  "lender: pass: all was well", "Good bye."},
                 4);
}

Test(loans, piece_of_a_borrower_that_ends_comes_back) {
  expect_lenders("run lender 1 die\nrun 1 lender 2 die\n",
                 {"lender: die: all was well", "> run 1 lender 2 die", "lender: die: all was well",
                  "Good bye."});
}

Test(loans, process_that_ends_takes_back_what_it_has_lent) {
  expect_lenders(
      "run 1 lender 2 leave\nrun lender 2 look\nrun 1 lender 2 share\nrun lender 1 count\n",
      {"lender: has lent a piece; line 0", "the server has none; 0 here, 0 lent",
       "lender: share: all was well", "0 here, 0 lent, 0 borrowed", "Good bye."});
}

// They are started with their core, and lend at once: a core that has not joined could not receive from it.
Test(loans, of_programs_that_begin_with_their_core) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs}) {
    Session machine{.emulator = emulator, .cores = 8, .more = {"lender serve core=0"}};
    for (int core = 1; core < 8; ++core) {
      machine.more.push_back("lender 0 leave core=" + std::to_string(core));
      machine.typed += "@lender: has lent a piece; line 0\n";
    }
    machine.typed += "exit\n";
    expect_session(session(machine), {"Good bye."});
  }
}

// After them, everything is as before.
Test(loans, floods_and_random_requests_do_no_harm) {
  const std::string drop = "run 1 lender 2 drop\nrun lender 1 drop\ncensus\n";
  const std::string typed =
      "run lender 1 share\nrun 1 lender 2 share\n" + drop +
      "run lender 1 flood\nrun 1 lender 2 flood\nrun lender 1 fuzz\nrun 1 lender 2 fuzz\n"
      "run lender 0 fuzz\n" +
      drop + "run lender 1 share\n";
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs}) {
    const RunResult result = lenders(emulator, typed);
    expect_session(result,
                   {"lender: some pieces, 8 tickets; line 0", "lender: some requests were answered",
                    "> run lender 1 share", "lender: share: all was well", "Good bye."});
    cr_expect_eq(census(result.console, 1), census(result.console, 2), "%s",
                 result.console.c_str());
  }
}

Test(loans, core_of_a_borrower_stops) {
  expect_lenders(
      "run lender 2 keep &\n@has lent a piece\nstop 2\n@keep: all was well\nstart 2\n"
      "run 1 lender 2 keep &\n@has lent a piece\ncaps\nstop 2\n@keep: all was well\nstart 2\n"
      "run lender 2 share\n",
      {"lender: has lent a piece; line 0", "lender: has it back; line 0",
       "lender: keep: all was well", "monitor of core 2", "lender: has lent a piece; line 0",
       "  2097152      0  1", "lender: has it back; line 0", "lender: keep: all was well",
       "monitor of core 2", "lender: share: all was well", "Good bye."});
}

// Its borrower keeps the piece, and gives it back to core 0, whose memory server has it then.
Test(loans, core_of_a_home_stops) {
  expect_lenders(
      "run 1 lender 2 keep &\n@has lent a piece\nstop 1\nrun lender 2 look\nrun lender 0 count\n"
      "run lender 2 drop\nrun lender 0 count\nstart 1\nrun 1 lender 2 share\n",
      {"lender: has lent a piece; line 0", "the server has a piece; 1 here", "0 here, 1 lent",
       "0 here, 0 lent", "monitor of core 1", "lender: share: all was well", "Good bye."});
}

// Processes that lend to each other, and take back, are killed at random moments, and the tables of all monitors are as before. (The
// first ones make heaps and tables as large as they will be.) KILLS says how many are killed, KILLS_SEED begins otherwise than at
// a fresh seed.
Test(loans, nothing_is_left_of_processes_killed_while_ram_travels) {
  const std::uint64_t kills = from_environment("KILLS", 24);
  const std::uint64_t seed = from_environment("KILLS_SEED", std::random_device{}() % 1'000'000);
  const std::string words = std::to_string(kills) + " " + std::to_string(seed) + "\n";
  const std::string drop = "run lender 0 drop\nrun lender 1 drop\nrun lender 2 drop\ncensus\n";
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs}) {
    const RunResult result =
        lenders(emulator,
                "run lender 1 reap 20 1\nrun lender 0 reap 10 1\nrun 1 lender 2 reap 20 1\n" +
                    drop + "run lender 1 reap " + words + "run lender 0 reap " + words +
                    "run 1 lender 2 reap " + words + drop + "run lender 1 share\n",
                3, 60 + static_cast<double>(kills));
    expect_session(result, {"lender: reap: all came back", "> census", "> census",
                            "lender: share: all was well", "Good bye."});
    const std::string before = census(result.console, 1), after = census(result.console, 2);
    cr_expect_eq(before, after, "KILLS_SEED=%lu: before\n%s\nand after\n%s\n%s", seed,
                 before.c_str(), after.c_str(), result.console.c_str());
  }
}
