// cores.cc — the actions of other cores: they are loaded, they print, they signal.

#include "monitor/cores.hh"

#include "lib/upcalls.hh"
#include "machine.hh"
#include "monitor/doorbells.hh"

namespace sprat::latency {
namespace {

constexpr std::uint64_t kFrame = 2, kLine = kFirstDoorbell + 3;
constexpr unsigned kLines = 5;
// As many bytes as two system calls print.
constexpr std::string_view kUnfinished =
    "core 1 prints a long line whose end comes 2 ms after these first 80 bytes of it:";

std::uint64_t milliseconds(std::uint64_t count) { return first_process().tsc_hz / 1000 * count; }

void spin_for(std::uint64_t cycles) {
  for (const std::uint64_t begin = __builtin_ia32_rdtsc(); __builtin_ia32_rdtsc() - begin < cycles;)
    __builtin_ia32_pause();
}

}  // namespace

// Lines of which the end comes late, and a doorbell of core 0's, again and again.
void disturb() {
  const auto bells = must(monitor::doorbells_of(0), "doorbells");
  for (;;) {
    static_assert(kUnfinished.size() % sizeof(Words) == 0);
    print("{}", kUnfinished);
    flush_console();
    spin_for(milliseconds(2));
    print("here.\n");
    for (unsigned i = 0; i < 300; ++i)
      static_cast<void>(invoke_once(bells.address(), Method::signal, {kLine - kFirstDoorbell}));
  }
}

constexpr std::uint64_t kAdopted = 256 << 10;  // bytes: 64 pages, the most at once

Result<Words> adopt(std::uint64_t begin) {
  return invoke(task_slot(TaskSlot::kernel), Method::adopt, kCNode.raw(), kFrame, begin, kAdopted);
}

// Where the other core has RAM that this one may adopt.
std::uint64_t find_foreign_memory() {
  for (std::uint64_t begin = 16 << 20; begin < std::uint64_t{192} << 20; begin += 1 << 20) {
    if (!adopt(begin)) continue;
    must(remove(own(kFrame)), "giving back");
    return begin;
  }
  must(Result<void>(Error::not_found), "RAM of another core");
  return 0;
}

void attempt_cores() {
  monitor::Cores cores(first_process());
  measure<40>("loads and starts a core", [&] { cores.start_all(); });
  const std::uint64_t foreign = find_foreign_memory();
  measure<41>("adopts 64 pages", [&] { must(adopt(foreign), "adopting"); });
  measure<42>("prints while another core's line is unfinished", [] {
    for (unsigned i = 0; i < kLines; ++i) {
      print("core 0 prints\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n\n");
      spin_for(milliseconds(1) / 4);
    }
  });
  const auto plain =
      must(retype<Type::notification>(CapRef<Type::dispatcher>(task_slot(TaskSlot::dispatcher))),
           "a notification");
  const auto notification = must(mint(plain, {kAllRights, 2, 0}), "a badge");
  must(monitor::bind_line(kLine, notification), "a doorbell");
  measure<43>("hears a flood of doorbells, awake and asleep", [] {
    for (unsigned i = 0; i < 20; ++i) {
      spin_for(milliseconds(1) / 10);
      take_notifications();
      wait_for_notification();
    }
  });
}

}  // namespace sprat::latency
