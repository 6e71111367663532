// memory.cc — page faults, alone and by all processors at once; mappings that are made, and changed while several processors know
// them.

#include <sys/mman.h>
#include <ucontext.h>

#include <atomic>
#include <csignal>

#include "measure.hh"
#include "team.hh"

namespace sprat::bench {
namespace {

constexpr std::size_t kPage = 4096, kStormPages = 256;

// Addresses for `pages` small pages, and no memory yet.
char* reserve(std::size_t pages) {
  char* const begin = static_cast<char*>(
      must(mmap(nullptr, pages * kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
           "mmap"));
  must(madvise(begin, pages * kPage, MADV_NOHUGEPAGE), "madvise");
  return begin;
}

void touch(char* page) { *static_cast<volatile char*>(page) = 1; }

// ---- one processor

void measure_faults() {
  char* page = reserve(kWarmUp + kRepetitions) - kPage;
  measure("fault", 1, [&] { touch(page += kPage); });
}

// A page whose neighbours are mapped otherwise, so that its mapping never becomes part of another one. Those go with it.
class LonelyPage {
 public:
  LonelyPage()
      : begin_(static_cast<char*>(must(
            mmap(nullptr, 3 * kPage, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), "mmap"))) {
    must(
        mmap(page(), kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0),
        "mmap");
  }
  LonelyPage(const LonelyPage&) = delete;
  LonelyPage& operator=(const LonelyPage&) = delete;
  ~LonelyPage() { munmap(begin_, 3 * kPage); }

  char* page() const { return begin_ + kPage; }

 private:
  char* const begin_;
};

// A fault that the program handles itself, by going on behind the instruction.
extern "C" const char touched[];
void skip_instruction(int, siginfo_t*, void* context) {
  static_cast<ucontext_t*>(context)->uc_mcontext.gregs[REG_RIP] = reinterpret_cast<greg_t>(touched);
}

void measure_handled_faults() {
  struct sigaction action = {};
  action.sa_sigaction = skip_instruction;
  action.sa_flags = SA_SIGINFO;
  must(sigaction(SIGSEGV, &action, nullptr), "sigaction");
  measure("handled-fault", 1, [] {
    asm volatile("movb $1, 0\n.globl touched\ntouched:\n" : : : "memory");
  });
  action.sa_flags = 0;
  action.sa_handler = SIG_DFL;
  must(sigaction(SIGSEGV, &action, nullptr), "sigaction");
}

// A page of a file in memory, which is there already: what a frame is on Sprat.
void measure_mappings() {
  const int file = must(memfd_create("page", 0), "memfd_create");
  must(ftruncate(file, kPage), "ftruncate");
  std::vector<std::uint64_t> mapped, reserved, unmapped;
  for (int i = 0; i < kRepetitions; ++i) {
    const std::uint64_t begin = now();
    void* page = mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, file, 0);
    mapped.push_back(now() - begin);
    touch(static_cast<char*>(must(page, "mmap")));
    must(munmap(page, kPage), "munmap");

    const std::uint64_t again = now();
    page = mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    reserved.push_back(now() - again);
    must(munmap(must(page, "mmap"), kPage), "munmap");
  }
  close(file);
  add_row("map", 1, median(mapped));
  add_row("reserve", 1, median(reserved));
}

// ---- several processors

// The page that processor 0 changes, and that all others touch before each change; then they spin, for a processor that sleeps
// forgets its translations and is not told of changes.
struct KnownPage {
  std::atomic<char*> page{nullptr};
  std::atomic<std::uint64_t> round{0};
  std::atomic<int> known{0};
  std::atomic<bool> over{false};

  void make_known(char* begin, int others) {
    touch(begin);
    known = 0;
    page = begin;
    ++round;
    while (known != others) __builtin_ia32_pause();
  }
  void touch_each() {
    for (std::uint64_t last = 0; !over; __builtin_ia32_pause()) {
      if (round == last) continue;
      last = round;
      static_cast<void>(*static_cast<volatile char*>(page.load()));
      ++known;
    }
  }
};

template <class Change>
void measure_change(const char* what, int cores, Change change) {
  KnownPage known;
  std::vector<std::uint64_t> counts;
  run_team(cores, [&](int number) {
    if (number != 0) return known.touch_each();
    for (int i = 0; i < kWarmUp + kRepetitions; ++i) {
      const LonelyPage lonely;
      known.make_known(lonely.page(), cores - 1);
      const std::uint64_t begin = now();
      change(lonely.page());
      const std::uint64_t spent = now() - begin;
      if (i >= kWarmUp) counts.push_back(spent);
    }
    known.over = true;
  });
  add_row(what, cores, median(counts));
}

// All touch fresh pages of one process at once, each its own; the count is the mean of one fault.
void measure_storm(int cores) {
  Barrier barrier(static_cast<std::uint32_t>(cores));
  std::vector<char*> begins;
  for (int i = 0; i < cores; ++i) begins.push_back(reserve(kStormPages));
  run_team(cores, [&](int number) {
    barrier.wait();
    const std::uint64_t begin = now();
    for (std::size_t i = 0; i < kStormPages; ++i) touch(begins[number] + i * kPage);
    barrier.wait();
    if (number == 0) add_row("storm", cores, (now() - begin) / (kStormPages * cores));
  });
  for (char* const begin : begins) munmap(begin, kStormPages * kPage);
}

}  // namespace

void measure_memory() {
  measure_faults();
  measure_handled_faults();
  measure_mappings();
}

void measure_shared_memory() {
  for (int cores = 1; cores <= processors(); cores *= 2) {
    measure_change("protect", cores, [](char* page) { mprotect(page, kPage, PROT_READ); });
    measure_change("unmap", cores, [](char* page) { munmap(page, kPage); });
    measure_storm(cores);
  }
}

}  // namespace sprat::bench
