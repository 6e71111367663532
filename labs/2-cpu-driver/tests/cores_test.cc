// cores_test.cc — exercise 9: a kernel on every core, and they share nothing that can be written.

#include <algorithm>
#include <set>

#include "core_spaces.hh"
#include "lab/probe.hh"

using namespace sprat::grading;
using lab::CoreSpace, lab::CoreSpaces, lab::Mapping, lab::sixteen;

namespace {

constexpr std::uint64_t kRunning = 3;

std::uint64_t word_of(std::uint64_t seed, std::uint64_t core) {
  return lab::Sequence(seed + core).next();
}

std::string core_name(std::size_t cpu) { return "core " + std::to_string(cpu); }

// Every core of the machine runs a probe that knows which core it is.
void expect_all_run(Trial& trial, const CoreSpaces& spaces, unsigned cpus) {
  for (unsigned core = 0; core < cpus; ++core) {
    trial.expect_equal(core_name(core) + ", as the first core sees it",
                       "core " + std::to_string(core) + " " + std::to_string(kRunning),
                       spaces.answers.at(std::to_string(core)));
  }
  std::set<std::uint64_t> numbers;
  for (const CoreSpace& core : spaces.cores) {
    if (!core.map.problem.empty()) trial.wrong("page tables that can be walked", core.map.problem);
    trial.expect_equal("what the program on " + core_name(core.core_id) + " has computed",
                       sixteen(word_of(spaces.seed, core.core_id)), sixteen(core.word));
    numbers.insert(core.core_id);
  }
  trial.expect_equal("programs on cores of their own", std::to_string(cpus),
                     std::to_string(numbers.size()));
}

// Paging, protection, write protection, and caches that work; and all cores have the features switched on that the
// first one has.
void expect_equal_modes(Trial& trial, const CoreSpaces& spaces) {
  constexpr std::uint64_t kBits = 0xe0010001, kWanted = 0x80010001;  // CR0: PG, CD, NW, WP, PE
  const auto& first = spaces.cores.front().cpu;
  for (std::size_t cpu = 0; cpu < spaces.cores.size(); ++cpu) {
    const auto& core = spaces.cores[cpu].cpu;
    trial.expect_equal("CR0 of " + core_name(cpu) + ": PG, CD, NW, WP, PE", hex(kWanted),
                       hex(core.cr0 & kBits));
    trial.expect_equal("CR4 of " + core_name(cpu), hex(first.cr4), hex(core.cr4));
    trial.expect_equal("EFER of " + core_name(cpu), hex(first.efer), hex(core.efer));
  }
}

void expect_own_image(Trial& trial, const CoreSpaces& spaces) {
  std::map<std::uint64_t, std::size_t> images;
  for (std::size_t cpu = 0; cpu < spaces.cores.size(); ++cpu) {
    std::size_t parts = 0;
    for (const Mapping& mapping : spaces.cores[cpu].map.mappings) {
      if (!mapping.user && mapping.virtual_begin < lab::kKernelHalf)
        trial.wrong("no page of the kernel's in the lower half", lab::text_of(mapping),
                    core_name(cpu));
      if (mapping.writable && mapping.executable)
        trial.wrong("no page that is writable and executable", lab::text_of(mapping),
                    core_name(cpu));
      if (mapping.virtual_begin < lab::kKernelImage || !mapping.executable) continue;
      ++parts;
      const auto [place, is_new] = images.try_emplace(mapping.physical_begin, cpu);
      if (!is_new)
        trial.wrong("text of its own for " + core_name(cpu),
                    "that of " + core_name(place->second) + ": " + lab::text_of(mapping));
      for (const CoreSpace& other : spaces.cores) {
        for (const Mapping& seen : other.map.mappings) {
          const bool overlaps = seen.physical_begin < mapping.physical_begin + mapping.size &&
                                mapping.physical_begin < seen.physical_begin + seen.size;
          if (overlaps && seen.writable)
            trial.wrong("text of " + core_name(cpu) + " that no core can write",
                        lab::text_of(seen));
        }
      }
    }
    trial.expect_equal(core_name(cpu) + "'s executable parts of the image", "1",
                       std::to_string(parts));
  }
}

void expect_nothing_shared(Trial& trial, const CoreSpaces& spaces) {
  const auto twice = lab::frames_writable_twice(spaces);
  if (!twice.empty())
    trial.wrong(
        "no frame that two cores can write",
        std::to_string(twice.size()) + " such frames; the first at " + hex(twice.front() * 4096));
}

}  // namespace

LAB_TEST(cores, each_core_of_the_machine_runs_its_own_programs, "qemu-icount") {
  for (const unsigned cpus : {1u, 2u, 4u})
    expect_all_run(trial, lab::look_at_cores(trial, cpus), cpus);
}

LAB_TEST(cores, each_core_has_an_image_that_no_other_core_can_write, "qemu-icount") {
  const CoreSpaces spaces = lab::look_at_cores(trial, 3);
  expect_all_run(trial, spaces, 3);
  expect_equal_modes(trial, spaces);
  expect_own_image(trial, spaces);
  expect_nothing_shared(trial, spaces);
}

LAB_TEST(cores, other_cores_start_on_bochs, "bochs") {
  Boot boot = lab::probe("cores", 6);
  boot.cpus = 3;
  boot.arg = "aloud";
  const Booted booted = trial.boot(boot);
  for (unsigned core = 0; core < 3; ++core) {
    const std::string number = std::to_string(core);
    lab::expect_answers(trial, booted,
                        {{number, "core " + number + " " + std::to_string(kRunning)},
                         {"core" + number, number + " " + sixteen(word_of(booted.seed, core))}});
  }
}

LAB_TEST(cores, impossible_loads_and_starts_are_refused, "qemu-icount") {
  Boot boot = lab::probe("core_refusals", 6);
  boot.cpus = 2;
  const Booted booted = trial.boot(boot);
  lab::expect_answers(trial, booted,
                      {{"own_core", "in_use"},
                       {"no_such_core", "not_found"},
                       {"small_ram", "misaligned"},
                       {"large_package", "out_of_memory"},
                       {"not_loaded", "invalid_argument"},
                       {"not_there", "invalid_argument"},
                       {"used_ram", "refused"},
                       {"state", "0"},
                       {"running", std::to_string(kRunning)},
                       {"running_already", "invalid_argument"},
                       {"in_use_already", "in_use"},
                       {"core1", "1 " + sixteen(word_of(booted.seed, 1))}});
}
