// memory_test.cc — the memory server of each core (user/memory): processes have more from it than they began with, no more than their
// limit, and nothing of others; when they have ended, in whatever way, all of it is free again.

#include <criterion/criterion.h>

#include <cstdlib>

#include "kernel/tests/system/session.hh"

using namespace sprat::grading;

namespace {

// The first two processes at once make the monitor's tables as large as they will be.
void expect_all_comes_back(Emulator emulator, unsigned cores) {
  const std::string last = std::to_string(cores - 1);
  const RunResult result = session(
      {.emulator = emulator,
       .typed = "run greedy stay &\nrun hello\nkill 2\nrun " + last +
                " greedy fault\ncensus\nmem\nrun memory=8 greedy\nrun memory=2 greedy stay &\n" +
                "run greedy fault\nkill 5\nrun memory=8 " + last + " greedy\nrun " + last +
                " greedy fault\ncensus\nmem\n",
       .cores = cores,
       .more = {"greedy", "greedy core=" + last}});
  expect_session(result, {"greedy: holds 7168 KiB", "Good bye."});
  for (const char* command : {"census", "mem"}) {
    const std::string before = printed_by(command, result.console, 1);
    const std::string after = printed_by(command, result.console, 2);
    cr_expect(!before.empty() && before == after, "before\n%s\nand after\n%s\n%s", before.c_str(),
              after.c_str(), result.console.c_str());
  }
}

}  // namespace

Test(memory, all_of_a_process_that_ends_in_any_way_comes_back) {
  expect_all_comes_back(Emulator::qemu, 2);
}
Test(memory, all_of_a_process_that_ends_in_any_way_comes_back_on_bochs) {
  expect_all_comes_back(Emulator::bochs, 2);
}

// At its end all that it had is free again, too.
Test(memory, process_shrinks_when_it_releases_large_blocks_of_its_heap) {
  for (const Emulator emulator : {Emulator::qemu_icount, Emulator::bochs}) {
    const RunResult result = session(
        {.emulator = emulator, .typed = "run memory=8 greedy shrinks\n", .more = {"greedy"}});
    expect_session(result, {"greedy: 0 KiB fewer are left than before", "Good bye."});
    cr_expect_eq(result.console.find("greedy:"), result.console.find("greedy: 0 KiB"), "%s",
                 result.console.c_str());
  }
}

static unsigned long owned_by(unsigned core, const RunResult& result) {
  const std::string row = "\n   " + std::to_string(core) + " ";
  const std::size_t place = result.console.find(row, result.console.find("core      owned"));
  return place != std::string::npos
             ? std::strtoul(result.console.c_str() + place + row.size(), nullptr, 10)
             : 0;
}

// No RAM is left out where the RAM of other cores begins at a multiple of its size. Of core 0's 125 MiB, 48 are the others'.
Test(memory, servers_own_all_that_monitors_do_not_use) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs}) {
    const RunResult result = session({.emulator = emulator, .typed = "mem\n", .cores = 4});
    expect_session(result, {"KiB of memory servers", "Good bye."});
    cr_expect_gt(owned_by(0, result), 74 << 10, "%s", result.console.c_str());
    for (const unsigned core : {1u, 2u, 3u}) {
      cr_expect_gt(owned_by(core, result), 12 << 10, "%s", result.console.c_str());
      cr_expect_eq(owned_by(core, result), owned_by(1, result));
    }
  }
}

// In two regions: the larger one begins at 4 GiB. Each other core begins with a part of the smaller one.
Test(memory, servers_own_all_of_8_gib) {
  const RunResult result =
      session({.typed = "mem\nrun 7 hog 40\nexit\n", .cores = 8, .more = {"hog"}},
              [](MachineConfig& config) { config.memory_mib = 8192; });
  expect_session(result, {"KiB of memory servers", "hog: 40 MiB", "Good bye."});
  cr_expect_gt(owned_by(0, result), 7'200ul << 10, "%s", result.console.c_str());
  cr_expect_gt(owned_by(7, result), 120 << 10, "%s", result.console.c_str());
}

Test(memory, cores_begin_with_the_ram_that_is_asked_for) {
  const RunResult result = session({.typed = "mem\n", .cores = 4}, [](MachineConfig& config) {
    config.command_line += " ram=1:32,2:4";
  });
  expect_session(result, {"KiB of memory servers", "Good bye."});
  cr_expect_gt(owned_by(1, result), 28 << 10, "%s", result.console.c_str());
  cr_expect_lt(owned_by(2, result), 4 << 10, "%s", result.console.c_str());
  cr_expect_gt(owned_by(3, result), 12 << 10, "%s", result.console.c_str());
}

Test(memory, shares_that_cannot_be_given_are_refused_with_the_form_of_right_ones) {
  const RunResult result = session({.typed = "mem\n", .cores = 4}, [](MachineConfig& config) {
    config.command_line += " ram=1:5";
  });
  expect_session(result, {"monitor: ram=1:5: invalid_argument; use ram=CORE:MIB,...",
                          "KiB of memory servers", "Good bye."});
  cr_expect_eq(owned_by(1, result), owned_by(2, result), "%s", result.console.c_str());
}

// It is a part of the system: no number names it, and no program takes its place.
Test(memory, servers_cannot_be_ended_and_do_not_run_twice) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs})
    expect_session(
        session({.emulator = emulator,
                 .typed = "kill 2147483648\nkill 1.2147483648\nrun memory\nrun 1 memory\n"
                          "run 1 hello\n",
                 .cores = 2}),
        {"shell: kill: not_found", "shell: kill: not_found",
         "memory: this core has its server already", "memory: this core has its server already",
         "hello from process", "Good bye."});
}

// 1 MiB is what a process begins with.
Test(memory, no_process_has_more_than_its_limit_or_anything_of_others) {
  const RunResult result = session(
      {.typed =
           "run memory=1 greedy\nrun memory=3 greedy\nrun memory=3 greedy\nrun memory=0 greedy\n",
       .more = {"greedy"}});
  expect_session(result,
                 {"greedy: no block: quota_exceeded", "greedy: holds 2048 KiB\r\n",
                  "greedy: 814 of 814 refused", "greedy: holds 2048 KiB\r\n",
                  "greedy: 814 of 814 refused", "shell: memory=0: quota_exceeded", "Good bye."});
}

// The RAM behind `hog`'s objects other than frames stays its own until it ends.
Test(memory, page_faults_take_memory_and_ranges_give_it_back) {
  const RunResult result = session(
      {.typed = "run hog 1\nmem\nrun hog 12\nrun memory=4 hog 2\nrun memory=4 hog 2 at once\n"
                "run memory=4 hog 4\nrun memory=4 hog 4 at once\nmem\n",
       .more = {"hog"}});
  expect_session(result,
                 {"hog: 12 MiB in ", ", 0 pages not zero", "hog: 2 MiB in ", "hog: 2 MiB in ",
                  "hog: no memory left for", "hog: 4 MiB: quota_exceeded", "Good bye."});
  cr_expect(printed_by("mem", result.console, 1) == printed_by("mem", result.console, 2), "%s",
            result.console.c_str());
}
