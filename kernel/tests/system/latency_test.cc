// latency_test.cc — for how long a core hears no interrupt: the scope counts the longest stretch while a process asks the kernel
// for whatever takes it long (../latency).

#include "kernel/dispatch/latency.hh"

#include <criterion/criterion.h>

#include <algorithm>
#include <sstream>

#include "kernel/tests/system/session.hh"
#include "score/scope_report.hh"

using namespace sprat::grading;

namespace {

RunResult attempts() {
  MachineConfig config;
  config.emulator = Emulator::qemu_icount;
  config.kernel = build_folder() / "kernel/sprat.elf";
  config.command_line = "log=quiet";
  config.modules = {{build_folder() / "user/latency", "monitor"}};
  config.memory_mib = 192;
  config.cpus = 2;
  config.wall_seconds = 120;
  config.scope = build_folder() / "host/scope.so";
  return Machine(config).run();
}

// "attempt 2030: lets 512 full CNodes die" on the console.
std::string name_of_attempt(const RunResult& result, std::uint64_t number) {
  const std::string begin = "attempt " + std::to_string(number) + ": ";
  const std::size_t at = result.console.find(begin);
  if (at == std::string::npos) return "?";
  const std::size_t name = at + begin.size();
  return result.console.substr(name, result.console.find('\r', name) - name);
}

}  // namespace

Test(latency, interrupts_are_heard_within_the_bound) {
  const RunResult result = attempts();
  cr_assert(result.ending == Ending::said_ok, "%s\n%s", result.explanation.c_str(),
            result.console.c_str());
  const auto report = parse_scope_report(result.scope);
  cr_assert(report.has_value(), "no report of the scope; %s", result.explanation.c_str());
  std::ostringstream table;
  std::uint64_t attempts = 0;
  for (const auto& region : report->regions) {
    if (region.at("id") < 2000 || region.at("vcpu") != 0) continue;
    ++attempts;
    const std::uint64_t longest = region.at("longest_entry_with_repeats");
    const std::string name = name_of_attempt(result, region.at("id"));
    table << longest << "  " << name << "\n";
    cr_expect_leq(longest, sprat::dispatch::kLongestStretch, "%s: %lu", name.c_str(), longest);
  }
  cr_log_info("longest stretch without interrupts, in instructions:\n%s", table.str().c_str());
  cr_expect_eq(attempts, 22, "%s", result.console.c_str());
}
