// filter_test.cc — the filter of system calls, in a process of its own.

#include "machine/filter.hh"

#include <criterion/criterion.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <thread>

namespace sprat::grading {

// Bochs' display has such a thread. When it was only refused, it asked again at once, and was busy for the whole run.
Test(filter, ends_the_thread_that_accepts_connections_and_no_other) {
  const pid_t child = fork();
  if (child == 0) {
    if (!enforce(call_filter({.listening = true}))) _exit(2);
    std::atomic<int> answers = 0;
    std::thread display([&] {
      const int waits = socket(AF_INET, SOCK_STREAM, 0);
      listen(waits, 1);
      accept(waits, nullptr, nullptr);
      ++answers;
    });
    display.join();
    _exit(answers == 0 ? 0 : 1);
  }
  int raw = 0;
  cr_assert_eq(waitpid(child, &raw, 0), child);
  cr_assert(WIFEXITED(raw), "the whole process ended");
  cr_assert_eq(WEXITSTATUS(raw), 0);
}

}  // namespace sprat::grading
