// idle_test.cc — a core without work executes nothing, and wakes once when work comes; the scope counts.

#include <criterion/criterion.h>

#include <array>
#include <sstream>

#include "kernel/tests/system/session.hh"
#include "score/scope_report.hh"

using namespace sprat::grading;

namespace {

constexpr unsigned kHalt = 0;  // the number of that event (grading/scope/README.md)

struct Event {
  std::uint64_t time, vcpu, id, address;
};

std::vector<Event> events_of(const RunResult& result) {
  std::istringstream lines(result.trace);
  std::vector<Event> events;
  for (Event event{}; lines >> event.time >> event.vcpu >> event.id >> event.address;)
    events.push_back(event);
  return events;
}

ScopeReport report_of(const RunResult& result) {
  const auto report = parse_scope_report(result.scope);
  cr_assert(report.has_value(), "no report of the scope; %s", result.explanation.c_str());
  return *report;
}

// The work of two cores while two processes exchanged messages for so many rounds; in three of the parts each round
// finds both asleep.
struct Work {
  std::array<std::int64_t, 2> halts{}, entries{};  // of each core

  Work operator-(const Work& other) const {
    Work more = *this;
    for (std::size_t core = 0; core < 2; ++core) {
      more.halts[core] -= other.halts[core];
      more.entries[core] -= other.entries[core];
    }
    return more;
  }
};
Work work_of(unsigned rounds) {
  const RunResult result =
      session({.emulator = Emulator::qemu_icount,
               .typed = "run urpc-bench rounds=" + std::to_string(rounds) + "\n",
               .cores = 2,
               .more = {"urpc-bench", "urpc-bench core=1"},
               .watched = true});
  expect_session(result, {"from send to the receiver's wake-up", "Good bye."});
  Work work;
  for (const Event& event : events_of(result))
    if (event.id == kHalt) ++work.halts[event.vcpu];
  const ScopeReport report = report_of(result);
  for (std::size_t core = 0; core < 2; ++core)
    work.entries[core] = static_cast<std::int64_t>(report.vcpus[core].kernel.at("entries"));
  return work;
}

}  // namespace

// Time jumps to the next timer as soon as no core executes: it finds no timer.
Test(idle, idle_system_halts_on_all_cores_for_good) {
  constexpr unsigned kCores = 4;
  const RunResult result =
      Machine(machine_of({.emulator = Emulator::qemu_icount,
                          .cores = kCores,
                          .more = {"talk core=1", "talk core=2", "talk core=3"},
                          .watched = true}))
          .run();
  cr_expect(result.console.find("Sprat's shell.") != std::string::npos, "%s",
            result.console.c_str());
  cr_expect(result.ending == Ending::halted, "%s", result.explanation.c_str());
  cr_assert_eq(result.cpus.size(), kCores);
  for (const Registers& cpu : result.cpus) cr_expect(cpu.halted);
}

// A wake-up of core 1 ends a HLT: an entry into the kernel by the interrupt, and one to sleep again; and one system
// call of core 0 signals it. All other entries are at most the HLTs of core 0, a call and a wake-up, and the doorbells
// by which core 1 ends them. Core 0 also prints and hears keys, which come when the host has time: between them it
// sleeps now and then once more or less, in both runs.
Test(idle, a_receiver_that_sleeps_wakes_after_one_doorbell) {
  constexpr unsigned kFew = 20, kMany = 120, kPartsAsleep = 3;
  const Work more = work_of(kMany) - work_of(kFew);
  constexpr std::int64_t kWakes = kPartsAsleep * (kMany - kFew), kPrintsAndKeys = 100;
  static_assert(kPrintsAndKeys < kWakes);  // one entry more for each wake-up is found
  cr_expect_eq(more.halts[1], kWakes, "%ld, not %ld", more.halts[1], kWakes);
  const std::int64_t others = more.halts[0];
  cr_expect_leq(more.entries[1], 2 * kWakes + others + kPrintsAndKeys, "%ld for %ld HLTs of core 0",
                more.entries[1], others);
  cr_expect_leq(more.entries[0], kWakes + 2 * others + kPrintsAndKeys, "%ld for %ld HLTs of core 0",
                more.entries[0], others);
}
