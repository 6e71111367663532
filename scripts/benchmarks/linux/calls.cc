// calls.cc — a system call that does next to nothing, and a program that does nothing.

#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "measure.hh"

namespace sprat::bench {
namespace {

void null_call() {
  long result = SYS_getppid;
  asm volatile("syscall" : "+a"(result) : : "rcx", "r11", "memory");
}

void run_nothing() {
  char name[] = "/nothing";
  char* words[] = {name, nullptr};
  const pid_t child = must(fork(), "fork");
  if (child == 0) {
    execv(name, words);
    _exit(1);
  }
  int status = 0;
  must(waitpid(child, &status, 0), "waitpid");
  if (status != 0) give_up("/nothing");
}

}  // namespace

void measure_calls() {
  measure("null-call", 1, null_call);
  measure("start", 1, run_nothing, 31);
}

}  // namespace sprat::bench
