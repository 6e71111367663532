// memory_test.cc — the memory server of each core (user/memory): processes have more from it than they began with, no more than their
// limit, and nothing of others; when they have ended, in whatever way, all of it is free again.

#include <criterion/criterion.h>

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
