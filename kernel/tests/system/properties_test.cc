// properties_test.cc — properties at each entry into the kernel and at each exit, read from outside by the debugger at
// breakpoints (../properties/watch.py): on the whole system, and while processes attack it.

#include <criterion/criterion.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "kernel/tests/system/session.hh"
#include "machine/debugger.hh"
#include "machine/load.hh"
#include "machine/run_directory.hh"

using namespace sprat::grading;

namespace {

constexpr double kSeconds = 60;  // ten times as long as they take (4 to 6 s)

// The report of watch.py after so many stops.
std::string watch(const MachineConfig& config, unsigned stops) {
  RunDirectory folder;
  const auto report = folder.path() / "report";
  setenv("SPRAT_REPORT", report.c_str(), 1);
  setenv("SPRAT_STOPS", std::to_string(stops).c_str(), 1);
  setenv("SPRAT_SECONDS", std::to_string(kSeconds * load_factor()).c_str(), 1);
  debug(config, std::filesystem::absolute("kernel/tests/properties/watch.py"));
  std::ostringstream text;
  text << std::ifstream(report).rdbuf();
  return text.str();
}

unsigned long count_of(const std::string& report, const std::string& place) {
  const std::string begin = "checked " + place + " ";
  const std::size_t at = report.find(begin);
  return at == std::string::npos ? 0
                                 : std::strtoul(report.c_str() + at + begin.size(), nullptr, 10);
}

// Nothing was wrong, and each of these places was come to.
void expect_well(const std::string& report, std::initializer_list<const char*> places) {
  cr_expect(report.find("wrong ") == std::string::npos, "%s", report.c_str());
  for (const char* place : places)
    cr_expect_gt(count_of(report, place), 0, "%s:\n%s", place, report.c_str());
  cr_log_info("%s", report.c_str());
}

}  // namespace

Test(properties, hold_at_each_kernel_entry_and_exit_of_two_cores) {
  MachineConfig config =
      machine_of({.emulator = Emulator::qemu_icount, .cores = 2, .more = {"counter core=1"}});
  expect_well(watch(config, 1'600), {"system_call_entry", "handle_system_call", "sysretq", "iretq",
                                     "non_maskable_entry", "memory", "stacks", "apart"});
}

Test(properties, hold_while_processes_attack) {
  MachineConfig config;
  config.emulator = Emulator::qemu_icount;
  config.kernel = build_folder() / "kernel/sprat.elf";
  config.command_line = "log=quiet";
  config.modules = {{build_folder() / "user/hostile", "monitor fuzz=20000 seed=1"}};
  config.memory_mib = 128;
  // The stops after a system call with random flags.
  setenv("SPRAT_PROGRAM", (build_folder() / "user/hostile.elf").c_str(), 1);
  setenv("SPRAT_FROM", "system_call_with_flags", 1);
  expect_well(watch(config, 1'600),
              {"system_call_entry", "handle_system_call", "handle_user_trap", "sysretq", "iretq",
               "debug_entry", "non_maskable_entry", "memory", "stacks"});
}

// Processes of two cores lend a piece of RAM to each other, write to it, take it back, and are killed in the middle of that. All that is
// checked comes after the first loan. The process that starts them stands in the place of the shell.
Test(properties, no_frame_is_writable_for_two_drivers_while_ram_is_lent) {
  MachineConfig config = machine_of(
      {.emulator = Emulator::qemu_icount, .cores = 2, .more = {"lender serve core=1", "lender"}});
  for (auto& module : config.modules)
    if (module.string == "shell")
      module = {build_folder() / "user/lender", "shell 1 reap 1000000 1"};
  setenv("SPRAT_PROGRAM", (build_folder() / "user/lender.elf").c_str(), 1);
  setenv("SPRAT_FROM", "lender_has_lent", 1);
  setenv("SPRAT_WINDOWS", "1", 1);
  expect_well(watch(config, 800), {"apart", "moved"});
}

// The same for pieces that memory servers lend each other: a process takes as many as there are, and gives some back, for ever.
Test(properties, no_frame_is_writable_for_two_drivers_while_servers_lend) {
  MachineConfig config =
      machine_of({.emulator = Emulator::qemu_icount, .cores = 3, .more = {"lodger"}});
  for (auto& module : config.modules)
    if (module.string == "shell")
      module = {build_folder() / "user/lodger", "lodger 0 trade 1 core=1"};
  setenv("SPRAT_PROGRAM", (build_folder() / "user/lodger.elf").c_str(), 1);
  setenv("SPRAT_FROM", "lodger_has_borrowed", 1);
  setenv("SPRAT_WINDOWS", "1", 1);
  expect_well(watch(config, 800), {"apart", "moved"});
}
