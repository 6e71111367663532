// main.cc — the first process of a Linux that boots to be measured: measures, prints rows, and powers the machine off.
//
//   row what=pipe cores=2 count=17475
//   row what=chain cores=4 count=2100500 result=5250
//   rows 2
//
// On its command line is `all`, or `shared`: only that which several processors do.

#include <sched.h>
#include <sys/io.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>

#include "measure.hh"

namespace sprat::bench {
namespace {

struct Row {
  const char* what;
  int cores;
  std::uint64_t count, result;
  bool has_result;
};
std::vector<Row> rows;
int processors_at_start = 0;  // a thread that is pinned counts one

void print_rows() {
  for (const Row& row : rows) {
    std::printf("row what=%s cores=%d count=%lu", row.what, row.cores, row.count);
    if (row.has_result) std::printf(" result=%lu", row.result);
    std::printf("\n");
  }
  std::printf("rows %zu\n", rows.size());
}

// By QEMU's device for tests, or by a port of Bochs.
[[noreturn]] void power_off() {
  std::fflush(stdout);
  tcdrain(STDOUT_FILENO);
  if (iopl(3) == 0) {
    outb(0, 0xf4);
    for (const char letter : std::string_view("Shutdown")) outb(letter, 0x8900);
  }
  for (;;) pause();
}

void measure_all(bool alone_too) {
  if (alone_too) {
    measure_calls();
    measure_messages();
    measure_memory();
  }
  measure_shared_memory();
  measure_work();
}

}  // namespace

void add_row(const char* what, int cores, std::uint64_t count) {
  rows.push_back({what, cores, count, 0, false});
}
void add_row(const char* what, int cores, std::uint64_t count, std::uint64_t result) {
  rows.push_back({what, cores, count, result, true});
}

void give_up(const char* what) {
  std::printf("failed: %s: %s\n", what, std::strerror(errno));
  std::fflush(stdout);
  _exit(1);
}

void pin(int processor) {
  cpu_set_t set;
  CPU_ZERO(&set);
  CPU_SET(processor, &set);
  must(sched_setaffinity(0, sizeof set, &set), "sched_setaffinity");
}

int processors() { return processors_at_start; }

}  // namespace sprat::bench

int main(int count, char** words) {
  using namespace sprat::bench;
  processors_at_start = static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN));
  pin(0);
  // The kernel has words for each fault of process 1, so another one measures.
  const pid_t child = must(fork(), "fork");
  if (child == 0) {
    measure_all(count == 2 && std::string_view(words[1]) == "all");
    print_rows();
    std::fflush(stdout);
    _exit(0);
  }
  int status = 0;
  must(waitpid(child, &status, 0), "waitpid");
  if (status != 0) std::printf("failed: status %d\n", status);
  power_off();
}
