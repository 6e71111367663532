// idle_test.cc — who has nothing to do executes nothing, and wakes once when there is something. The scope has watched.

#include <criterion/criterion.h>

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

// What has happened while two processes talked for so many rounds; in two of the parts each round finds both asleep.
struct Work {
  std::uint64_t halts_of_0 = 0, halts_of_1 = 0, entries_of_1 = 0;
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
    if (event.id == kHalt) ++(event.vcpu == 0 ? work.halts_of_0 : work.halts_of_1);
  work.entries_of_1 = report_of(result).vcpus[1].kernel.at("entries");
  return work;
}

}  // namespace

// Time jumps to the next timer as soon as nobody executes: it finds none.
Test(idle, a_system_in_which_nobody_talks_halts_on_all_cores_for_good) {
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

// Each wake-up of core 1 ends a HLT by one doorbell: one entry into the kernel, by the interrupt, and one to sleep again. What
// else it enters it for are the bells that it rings: one for each HLT of core 0.
Test(idle, a_receiver_that_sleeps_wakes_after_one_doorbell) {
  constexpr unsigned kFew = 20, kMany = 120, kPartsAsleep = 2;
  const Work few = work_of(kFew), many = work_of(kMany);
  constexpr std::uint64_t kWakes = kPartsAsleep * (kMany - kFew);
  const std::uint64_t halts = many.halts_of_1 - few.halts_of_1;
  const std::uint64_t rings = many.halts_of_0 - few.halts_of_0;
  const std::uint64_t entries = many.entries_of_1 - few.entries_of_1;
  cr_expect_eq(halts, kWakes, "%lu, not %lu", halts, kWakes);
  cr_expect_eq(entries, 2 * kWakes + rings, "%lu, not %lu", entries, 2 * kWakes + rings);
}
