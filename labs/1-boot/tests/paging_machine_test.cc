// paging_machine_test.cc — exercise 2 in the booted machine, from outside: registers and memory are read while time
// stands still.

#include <cstdlib>

#include "kernel_space.hh"
#include "lab/trial.hh"
#include "machine_space.hh"

using namespace sprat::grading;

namespace {

void expect_flag(Trial& trial, const char* name, std::uint64_t reg, unsigned bit, const char* why) {
  if ((reg >> bit & 1) == 1) return;
  trial.wrong(std::string(name) + " is set",
              std::string(name) + " is clear (the register is " + hex(reg) + ")", why);
}

// The expected end of each violation; `address` is computed from the seed as the guest does it (guest/paging.cc).
struct Violation {
  const char* name;
  const char* access;
  const char* reason;
  std::uint64_t (*address)(const lab::ImageParts& image, std::uint64_t returns, std::uint64_t seed);
};

constexpr Violation kViolations[] = {
    {"write-text", "writing", "is not permitted",
     [](const lab::ImageParts& image, std::uint64_t, std::uint64_t seed) {
       return lab::kKernelBase + image.text_begin + seed % (image.text_end - image.text_begin);
     }},
    {"write-rodata", "writing", "is not permitted",
     [](const lab::ImageParts& image, std::uint64_t, std::uint64_t seed) {
       return lab::kKernelBase + image.text_end + seed % (image.rodata_end - image.text_end);
     }},
    {"write-text-through-window", "writing", "is not permitted",
     [](const lab::ImageParts& image, std::uint64_t, std::uint64_t seed) {
       return lab::kWindowBase + image.text_begin + seed % (image.text_end - image.text_begin);
     }},
    {"execute-data", "executing", "is not permitted",
     [](const lab::ImageParts&, std::uint64_t returns, std::uint64_t seed) {
       return returns + seed % 4096;
     }},
    {"touch-guard", "writing", "is not mapped",
     [](const lab::ImageParts& image, std::uint64_t, std::uint64_t seed) {
       return lab::kKernelBase + image.data_end + seed % (image.guard_end - image.data_end);
     }},
    {"touch-low-memory", "reading", "is not mapped",
     [](const lab::ImageParts&, std::uint64_t, std::uint64_t seed) {
       return 0x7000 + seed % 4096;
     }},
};

std::string hex16(std::uint64_t number) {
  char text[24];
  std::snprintf(text, sizeof text, "0x%016lx", static_cast<unsigned long>(number));
  return text;
}

}  // namespace

LAB_TEST(paging, long_mode_is_on_with_the_right_tables, "qemu-icount") {
  const lab::MachineSpace space = lab::look_at_machine(trial);
  expect_flag(trial, "EFER.LMA", space.cpu.efer, 10, "the processor is not in long mode");
  expect_flag(trial, "EFER.NXE", space.cpu.efer, 11,
              "without it no page is protected from being executed");
  expect_flag(trial, "CR0.WP", space.cpu.cr0, 16,
              "without it the kernel writes to read-only pages");
  expect_flag(trial, "CR0.PG", space.cpu.cr0, 31, "paging is off");
  expect_flag(trial, "CR4.PAE", space.cpu.cr4, 5, "long mode pages by PAE");
  if (space.cpu.rip < lab::kKernelBase)
    trial.wrong("the kernel runs in the top 2 GiB", "rip is " + hex(space.cpu.rip));
  const lab::Difference difference =
      lab::compare_kernel_space(space.map, space.image, space.memory_end);
  if (!difference.expected.empty())
    trial.wrong(difference.expected, difference.came, "the page tables below CR3");
}

LAB_TEST(paging, violations_fault, "qemu-icount") {
  for (const Violation& violation : kViolations) {
    const Booted booted =
        trial.boot({.test = "violation", .arg = violation.name, .may_panic = true});
    const auto& answers = booted.transcript.answers;
    if (answers.contains("survived") || booted.run.verdict != Verdict::panic) {
      trial.wrong(std::string(violation.name) + " ends in a page fault", "nothing happened");
    }
    const std::uint64_t address =
        violation.address(lab::parse_parts(answers.at("parts")),
                          std::strtoull(answers.at("returns").c_str(), nullptr, 0), booted.seed);
    const std::string expected =
        std::string(violation.access) + " " + hex16(address) + " " + violation.reason;
    if (booted.run.protocol.find(expected) != std::string::npos) continue;
    const std::size_t panic = booted.run.protocol.find("panic: ");
    const std::string came =
        panic == std::string::npos
            ? "no panic"
            : booted.run.protocol.substr(panic, booted.run.protocol.find('\n', panic) - panic);
    trial.wrong("panic: page fault …: " + expected, came, violation.name);
  }
}
