// shares_test.cc — an honest dispatcher has its share of the processor, whatever its competitors do (../cheats).

#include <criterion/criterion.h>

#include <sstream>

#include "kernel/tests/system/session.hh"

using namespace sprat::grading;

namespace {

constexpr std::size_t kCheats = 11;

RunResult compete(Emulator emulator, unsigned cores) {
  MachineConfig config;
  config.emulator = emulator;
  config.kernel = build_folder() / "kernel/sprat.elf";
  config.command_line = "log=quiet";
  config.modules = {{build_folder() / "user/cheats", "monitor"}};
  config.memory_mib = 128;
  config.cpus = cores;
  config.wall_seconds = 180;
  // About as many instructions in a turn as on Bochs.
  if (emulator == Emulator::qemu_icount) config.instruction_time_bits = 8;
  return Machine(config).run();
}

// Checks that each dispatcher gets at least nine tenths of its fair share. The lines are "share 495 of 2: yields
// early", in thousandths.
void expect_fair(const RunResult& result) {
  cr_assert(result.ending == Ending::said_ok, "%s\n%s", result.explanation.c_str(),
            result.console.c_str());
  std::istringstream lines(result.console);
  std::size_t cheats = 0;
  for (std::string line; std::getline(lines, line);) {
    unsigned share = 0, dispatchers = 0;
    if (std::sscanf(line.c_str(), "share %u of %u", &share, &dispatchers) != 2) continue;
    ++cheats;
    cr_expect_geq(share * dispatchers, 900, "%s", line.c_str());
  }
  cr_expect_eq(cheats, kCheats, "%s", result.console.c_str());
  cr_log_info("%s", result.console.c_str());
}

}  // namespace

Test(shares, honest_dispatcher_has_its_share_of_instructions) {
  expect_fair(compete(Emulator::qemu_icount, 1));
}

Test(shares, honest_dispatcher_has_its_share_of_ticks) { expect_fair(compete(Emulator::bochs, 1)); }

Test(shares, doorbells_of_another_core_take_no_share) { expect_fair(compete(Emulator::bochs, 2)); }
