// checkpoint_test.cc — the counts of lab 2. Each test measures and records; the manifest's bands judge.

#include <algorithm>

#include "core_spaces.hh"
#include "lab/probe.hh"
#include "sprat/region.hh"

using namespace sprat::grading;
using sprat::Region;

namespace {

constexpr std::uint64_t kRepetitions = 63;  // user/bench/measure.hh

// Boots a system that measures operations of this kind. The value is the instructions of a region each time it was entered,
// divided by the number of operations in it (user/bench/measure.hh).
Booted measure(Trial& trial, const char* name, const char* kind, Region region, unsigned per = 1) {
  Boot boot = lab::probe("costs");
  boot.arg = kind;
  const Booted booted = trial.boot(boot);
  lab::expect_answers(trial, booted, {{"measured", kind}});
  const auto count = trial.region(booted, static_cast<std::uint64_t>(region), kRepetitions);
  trial.value(name,
              static_cast<double>(count.instructions) / static_cast<double>(kRepetitions * per));
  return booted;
}

Booted boot_two_cores(Trial& trial) {
  Boot boot = lab::probe("cores", 6);
  boot.cpus = 2;
  boot.arg = "aloud";
  const Booted booted = trial.boot(boot);
  lab::expect_answers(
      trial, booted,
      {{"1", "core 1 3"}, {"core1", "1 " + lab::sixteen(lab::Sequence(booted.seed + 1).next())}});
  return booted;
}

}  // namespace

LAB_TEST(checkpoint, instructions_of_a_null_invocation, "qemu-icount") {
  measure(trial, "instructions_of_a_null_invocation", "entries", Region::null_invocation);
}

LAB_TEST(checkpoint, instructions_from_page_fault_to_upcall, "qemu-icount") {
  measure(trial, "instructions_from_page_fault_to_upcall", "faults", Region::page_fault);
}

LAB_TEST(checkpoint, instructions_of_a_call_and_its_answer, "qemu-icount") {
  const Booted booted =
      measure(trial, "instructions_of_a_call_and_its_answer", "calls", Region::lrpc_round_trip);
  // Two callees are called so many times; of one the whole call is measured, of the other the way there.
  constexpr unsigned kPartnerCalled = 1;  // user/bench/markers.hh
  const auto called =
      std::ranges::count(trial.events(booted).value(), kPartnerCalled, &TrustedEvent::id);
  trial.expect_equal("calls that the callees saw", std::to_string(2 * kRepetitions),
                     std::to_string(called));
}

LAB_TEST(checkpoint, instructions_to_map_a_page, "qemu-icount") {
  measure(trial, "instructions_to_map_a_page", "mappings", Region::map);
}

LAB_TEST(checkpoint, instructions_to_retype_a_page, "qemu-icount") {
  measure(trial, "instructions_to_retype_a_page", "retyping", Region::retype);
}

LAB_TEST(checkpoint, instructions_to_revoke_a_copy, "qemu-icount") {
  constexpr unsigned kRevokedCopies = 16;
  measure(trial, "instructions_to_revoke_a_copy", "revoking", Region::revoke, kRevokedCopies);
}

LAB_TEST(checkpoint, instructions_of_the_longest_kernel_entry, "qemu-icount") {
  double longest = 0;
  for (const Booted& booted : {boot_two_cores(trial), trial.boot(lab::probe("retyping"))}) {
    const auto report = parse_scope_report(booted.run.scope);
    if (!report) trial.wrong("a report of the scope", booted.run.scope);
    for (const ScopeReport::Vcpu& vcpu : report->vcpus)
      longest = std::max(longest, static_cast<double>(vcpu.kernel.at("longest")));
  }
  trial.value("instructions_of_the_longest_kernel_entry", longest);
}

LAB_TEST(checkpoint, instructions_to_load_a_core, "qemu-icount") {
  const auto count =
      trial.region(boot_two_cores(trial), static_cast<std::uint64_t>(Region::load_core), 1);
  trial.value("instructions_to_load_a_core", static_cast<double>(count.instructions));
}

LAB_TEST(checkpoint, frames_that_two_cores_can_write, "qemu-icount") {
  const auto spaces = lab::look_at_cores(trial, 3);
  if (spaces.cores.size() != 3 || spaces.cores.back().nonce == 0)
    trial.wrong("three cores that run", "fewer");
  trial.value("frames_that_two_cores_can_write",
              static_cast<double>(lab::frames_writable_twice(spaces).size()));
}
