// paging.cc — stands still so that the grader can walk the page tables from outside, and does what they must not
// permit.

#include <array>

#include "boot/guest_test.hh"
#include "debug/panic.hh"
#include "grading/guest/evidence.hh"
#include "memory/layout.hh"
#include "x86/cpu.hh"

using namespace sprat;

namespace {

// Where the kernel sees the byte that is `seed` bytes into `part`, counted around.
std::uint64_t somewhere_in(PhysicalRange part, std::uint64_t seed) {
  return (memory::kKernelBase + part.begin.value() + seed % part.size()).value();
}

void read_at(std::uint64_t address) {
  static_cast<void>(*reinterpret_cast<volatile std::uint8_t*>(address));
}

void write_at(std::uint64_t address) { *reinterpret_cast<volatile std::uint8_t*>(address) = 0xc3; }

void execute_at(std::uint64_t address) { reinterpret_cast<void (*)()>(address)(); }

// A data page whose every byte is a RET: executing it by mistake comes back and is noticed.
alignas(kPageSize) constinit std::array<std::uint8_t, kPageSize> returns{};

struct Violation {
  const char* name;
  void (*commit)(const memory::ImageLayout& image, std::uint64_t seed);
};

constexpr Violation kViolations[] = {
    {"write-text", [](const auto& image, auto seed) { write_at(somewhere_in(image.text, seed)); }},
    {"write-rodata",
     [](const auto& image, auto seed) { write_at(somewhere_in(image.rodata, seed)); }},
    {"write-text-through-window",
     [](const auto& image, auto seed) {
       write_at(memory::kWindowBase.value() + image.text.begin.value() + seed % image.text.size());
     }},
    {"execute-data",
     [](const auto&, auto seed) {
       returns.fill(0xc3);
       execute_at(reinterpret_cast<std::uint64_t>(&returns[seed % returns.size()]));
     }},
    {"touch-guard",
     [](const auto& image, auto seed) { write_at(somewhere_in(image.guard, seed)); }},
    {"touch-low-memory", [](const auto&, auto seed) { read_at(0x7000 + seed % kPageSize); }},
};

}  // namespace

SPRAT_GUEST_TEST(stand_still) {
  evidence::Session session(machine.command_line, "stand_still");
  const memory::ImageLayout image = memory::image_layout();
  session.answer("parts", image.text.begin, image.text.end, image.rodata.end, image.data.end,
                 image.guard.end, image.stack.end);
  session.answer("memory_end", machine.info.memory_end());
  session.answer("ready");
  x86::halt_forever();
}

// The word arg=NAME says which rule to break; doing so must end in a page fault.
SPRAT_GUEST_TEST(violation) {
  evidence::Session session(machine.command_line, "violation");
  const auto wanted = machine.command_line.get("arg").value_or("");
  for (const Violation& violation : kViolations) {
    if (violation.name != wanted) continue;
    const memory::ImageLayout image = memory::image_layout();
    session.answer("parts", image.text.begin, image.text.end, image.rodata.end, image.data.end,
                   image.guard.end, image.stack.end);
    session.answer("returns", VirtualAddress(reinterpret_cast<std::uint64_t>(returns.data())));
    violation.commit(image, session.seed());
    session.answer("survived", wanted);
    return;
  }
  debug::panic("no violation is named {}", wanted);
}
