// guests_test.cc — the scope in QEMU, on hand-made guests whose sources say each count.

#include <criterion/criterion.h>
#include <signal.h>

#include "scope/guest_machine.hh"

namespace sprat::scope_test {
namespace {

std::uint64_t steps(const ScopeReport& report) {
  std::uint64_t total = 0;
  for (const ScopeReport::Vcpu& vcpu : report.vcpus)
    total += vcpu.counts.at("instructions") + vcpu.counts.at("repeats");
  return total;
}

// Where two_vcpus is in its last counting loop. How long it runs depends on the firmware.
std::string limit_near_the_end_of_two_vcpus() {
  return ",limit=" + std::to_string(steps(run("two_vcpus", kOneByOne + Words{"-smp", "2"})) - 2000);
}

// Names what differs.
void expect_same(const ScopeReport& report, const ScopeReport& other) {
  for (std::size_t i = 0; i < report.regions.size() && i < other.regions.size(); ++i)
    expect(report.regions[i], other.regions[i]);
  cr_expect(report == other, "%lu steps, not %lu", steps(report), steps(other));
}

void expect_counts(const ScopeReport& report) {
  expect(region(report, 1), {{"entries", 1},
                             {"ends", 1},
                             {"instructions", 0},
                             {"fetches", 0},
                             {"upgrades", 0},
                             {"locked", 0}});
  expect(region(report, 2), {{"instructions", 1000}, {"repeats", 0}, {"fetches", 0}});
  expect(region(report, 3), {{"instructions", 501}});
  expect(region(report, 4), {{"entries", 5}, {"ends", 5}, {"instructions", 20}});
  expect(region(report, 5), {{"instructions", 4}});
  expect(region(report, 6), {{"instructions", 6}, {"locked", 4}});
  expect(region(report, 7),
         {{"instructions", 30}, {"fetches", 10}, {"upgrades", 0}, {"data_lines", 10}});
  expect(region(report, 8),
         {{"instructions", 3}, {"fetches", 5}, {"upgrades", 0}, {"data_lines", 5}});
  expect(region(report, 9), {{"instructions", 5}, {"fetches", 0}, {"data_lines", 0}});
  expect(region(report, 10), {{"entries", 3}, {"code_lines", 9}, {"data_lines", 9}});
  expect(region(report, 11), {{"entries", 1}, {"code_lines", 4}, {"data_lines", 3}});
}

void expect_entries(const ScopeReport& report, bool at_once) {
  for (const auto& [id, longest] :
       Counts{{"1", 12}, {"2", 102}, {"3", 102}, {"5", 4}, {"6", 37}, {"7", 23}})
    expect(region(report, static_cast<unsigned>(std::stoul(id))), {{"longest_entry", longest}});
  const Counts with_string = region(report, 4);
  cr_expect_eq(with_string.at("longest_entry"), 5);
  // With threads, QEMU 10 makes many repetitions in one go, which the scope does not see.
  const std::uint64_t repeats = with_string.at("repeats");
  cr_expect(repeats >= 499 || at_once, "%llu repeats", static_cast<unsigned long long>(repeats));

  const ScopeReport::Vcpu& vcpu = report.vcpus.at(0);
  const auto count = [&](const char* key) { return vcpu.kernel.at(key); };
  cr_expect(with_string.at("longest_entry_with_repeats") >= 499 + 5 || at_once);
  cr_expect_eq(count("entries"), 10);
  cr_expect_eq(count("instructions"), 12 + 7 + 102 + 2 + 5 + 4 + 27 + 37 + 12 + 23);
  cr_expect_eq(count("longest"), 102);
  cr_expect_eq(count("longest_with_repeats"), std::max<std::uint64_t>(102, 5 + repeats));
  cr_expect(vcpu.longest_at.starts_with("0xffff8000001"), "%s", vcpu.longest_at.c_str());
  cr_expect_gt(count("longest_after"), 0);
  cr_expect_lt(count("longest_after"), vcpu.counts.at("instructions"));
}

}  // namespace

Test(scope, counts_one_vcpu_exactly) { expect_counts(run("counts", kOneByOne)); }

Test(scope, counts_the_same_in_multi_threaded_mode) { expect_counts(run("counts", kAtOnce)); }

Test(scope, defines_every_use_of_markers) {
  const ScopeReport report = run("regions", kOneByOne);
  expect(region(report, 1), {{"entries", 1}, {"ends", 1}, {"instructions", 111 + 3}});
  expect(region(report, 2), {{"entries", 1}, {"ends", 1}, {"instructions", 10 + 1}});
  expect(region(report, 3), {{"entries", 1}, {"ends", 1}, {"instructions", 1100 + 2}});
  expect(region(report, 4), {{"entries", 2}, {"ends", 2}, {"instructions", 3 + 1 + 4}});
  expect(region(report, 5), {{"entries", 0}, {"ends", 1}, {"instructions", 0}});
  expect(region(report, 6), {{"entries", 1}, {"ends", 0}});
  cr_expect_geq(region(report, 6).at("instructions"), 7 + 2);
  cr_expect_leq(region(report, 6).at("instructions"), 7 + 3, "QEMU 9 and later may get to the hlt");
  expect(region(report, 0x3fff), {{"entries", 1}, {"ends", 1}, {"instructions", 2}});
  cr_expect_eq(report.regions.size(), 7);
}

Test(scope, counts_an_instruction_each_time_it_is_tried) {
  const ScopeReport report = run("fault", kOneByOne);
  expect(region(report, 1), {{"instructions", 8}, {"fetches", 1}});
  expect(region(report, 2), {{"instructions", 10}, {"fetches", 1}});
}

Test(scope, counts_each_entry_into_the_kernel) { expect_entries(run("entries", kOneByOne), false); }

Test(scope, counts_entries_into_the_kernel_in_multi_threaded_mode) {
  expect_entries(run("entries", kAtOnce), true);
}

Test(scope, firmware_and_loaders_are_no_kernels) {
  const ScopeReport report = run("counts", kOneByOne);
  cr_expect_eq(report.vcpus.at(0).kernel.at("entries"), 0);
}

Test(scope, firmware_is_not_watched) {
  const ScopeReport report = run("counts", kOneByOne);
  cr_expect_lt(steps(report), 1'000'000, "SeaBIOS alone takes five times as many");
}

Test(scope, counts_one_fetch_and_one_upgrade_per_pass_of_a_line) {
  const ScopeReport report = run("two_vcpus", kOneByOne + Words{"-smp", "2"});
  for (const unsigned vcpu : {0U, 1U}) {
    expect(region(report, 1, vcpu),
           {{"entries", 1}, {"ends", 1}, {"fetches", 100}, {"upgrades", 100}, {"locked", 0}});
    expect(region(report, 2, vcpu), {{"instructions", 200001}, {"fetches", 0}});
  }
  expect(region(report, 3, 0), {{"entries", 1}, {"ends", 0}});
  expect(region(report, 3, 1), {{"entries", 0}, {"ends", 1}, {"instructions", 0}});
}

Test(scope, two_threads_do_not_disturb_each_others_counts) {
  const ScopeReport report = run("two_vcpus", kAtOnce + Words{"-smp", "2"});
  for (const unsigned vcpu : {0U, 1U})
    expect(region(report, 2, vcpu), {{"instructions", 200001}, {"fetches", 0}});
}

Test(scope, reports_the_same_in_every_run) {
  const std::string limit = limit_near_the_end_of_two_vcpus();
  const ScopeReport first = run("two_vcpus", kOneByOne + Words{"-smp", "2"}, limit);
  for (const unsigned vcpu : {0U, 1U}) expect(region(first, 2, vcpu), {{"entries", 1}});
  for (int i = 0; i < 4; ++i) {
    const ScopeReport next = run("two_vcpus", kOneByOne + Words{"-smp", "2"}, limit);
    expect_same(next, first);
  }
}

Test(scope, tells_the_steps_while_the_guest_runs_and_at_its_end) {
  Machine machine("counts", kOneByOne);
  machine.wait_for(1);
  cr_expect_eq(machine.status(), kDone);
  cr_expect_eq(machine.live(), steps(machine.report()));
}

Test(scope, ends_the_run_at_the_limit) {
  const ScopeReport report = run("forever", kOneByOne, ",limit=1000000");
  cr_expect(report.limit_reached);
  cr_expect_eq(steps(report), 1'000'000);
}

Test(scope, ends_the_run_near_the_limit_of_several_vcpus) {
  const std::string limit = limit_near_the_end_of_two_vcpus();
  const ScopeReport report = run("two_vcpus", kOneByOne + Words{"-smp", "2"}, limit);
  const std::uint64_t steps_allowed = std::stoull(limit.substr(limit.find('=') + 1));
  cr_expect_geq(steps(report), steps_allowed);
  cr_expect_leq(steps(report), steps_allowed + 256, "what the other may have made since it looked");
}

Test(scope, does_not_mention_a_limit_that_is_not_reached) {
  cr_expect_not(run("counts", kOneByOne, ",limit=100000000").limit_reached);
}

Test(scope, reports_when_qemu_is_terminated) {
  Machine machine("forever", kAtOnce);
  machine.wait_for(10'000'000);
  machine.terminate();
  cr_expect_eq(machine.status(), 0);
  expect(region(machine.report(), 1), {{"entries", 1}, {"ends", 0}});
  cr_expect_geq(steps(machine.report()), 10'000'000);
}

Test(scope, reports_when_qemu_is_told_to_quit) {
  Machine machine("forever", kOneByOne);
  machine.wait_for(10'000'000);
  machine.say("{\"execute\": \"qmp_capabilities\"}{\"execute\": \"quit\"}");
  cr_expect_eq(machine.status(), 0);
  expect(region(machine.report(), 1), {{"entries", 1}, {"ends", 0}});
}

Test(scope, refuses_arguments_before_anything_runs) {
  Machine machine("counts", kOneByOne, ",limit=many");
  cr_expect_eq(machine.status(), 1);
  cr_expect(
      machine.errors().find("scope: cannot use the argument 'limit=many'") != std::string::npos,
      "%s", machine.errors().c_str());
  cr_expect_not(machine.has_report());
}

}  // namespace sprat::scope_test
