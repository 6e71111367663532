// boot_test.cc — the whole system on each emulator: its output, its end, its panics.

#include <criterion/criterion.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "machine/machine.hh"
#include "machine/run_directory.hh"
#include "score/scope_report.hh"

using namespace sprat::grading;

namespace {

// The images are beside this test: <build>/test/system and <build>/kernel.
std::filesystem::path image(const std::string& name) {
  return std::filesystem::canonical("/proc/self/exe").parent_path().parent_path() / "kernel" /
         (name + ".elf");
}

MachineConfig machine(Emulator emulator, const std::string& command_line) {
  MachineConfig config;
  config.emulator = emulator;
  config.kernel = image("sprat-test");
  config.command_line = command_line;
  config.memory_mib = 64;
  config.wall_seconds = 60;
  return config;
}

RunResult run(const MachineConfig& config) { return Machine(config).run(); }

void expect_text(const RunResult& result, const std::string& text) {
  cr_expect(result.console.find(text) != std::string::npos, "\"%s\" is not on the console:\n%s\n%s",
            text.c_str(), result.console.c_str(), result.explanation.c_str());
}

// The number behind `text`, in hexadecimal digits; 0 without one.
std::uint64_t hex_after(const std::string& output, const std::string& text) {
  const std::size_t at = output.find(text);
  return at == std::string::npos ? 0
                                 : std::strtoull(output.c_str() + at + text.size(), nullptr, 16);
}

constexpr Emulator kAll[] = {Emulator::qemu, Emulator::qemu_icount, Emulator::bochs};

}  // namespace

Test(system, boots_and_ends_well_on_every_emulator) {
  for (const Emulator emulator : kAll) {
    for (const unsigned cpus : {1u, 4u}) {
      MachineConfig config = machine(emulator, "");
      config.kernel = image("sprat");
      config.cpus = cpus;
      const RunResult result = run(config);
      cr_expect(result.ending == Ending::said_ok, "%s", result.explanation.c_str());
      for (const char* text :
           {"Sprat: one kernel per core", "text      r-x", "free memory: 62 MiB", "modules: 0",
            "pages written and read back", "Nothing left to do."}) {
        expect_text(result, text);
      }
    }
  }
}

Test(system, uses_all_memory_of_small_and_large_machines) {
  for (const unsigned mib : {32u, 1024u, 2048u}) {
    MachineConfig config = machine(Emulator::qemu, "");
    config.memory_mib = mib;
    const RunResult result = run(config);
    cr_expect(result.ending == Ending::said_ok, "%u MiB: %s\n%s", mib, result.explanation.c_str(),
              result.console.c_str());
    const std::size_t at = result.console.find("free memory: ");
    const unsigned long found = std::strtoul(result.console.c_str() + at + 13, nullptr, 10);
    cr_expect(found + 3 >= mib && found <= mib, "of %u MiB it found %lu", mib, found);
  }
}

Test(system, lists_modules_with_length_and_checksum) {
  RunDirectory folder;
  const auto file = folder.path() / "data";
  std::ofstream(file)
      << "Wikipedia";  // whose Adler-32 is known: 0x11e60398 (RFC 1950's sum, a worked example)
  for (const Emulator emulator : kAll) {
    MachineConfig config = machine(emulator, "");
    config.modules = {{file, "data one two"}, {file, "again"}};
    const RunResult result = run(config);
    expect_text(result, "modules: 2");
    expect_text(result, "9 bytes  adler32 0x11e60398  data one two");
    expect_text(result, "9 bytes  adler32 0x11e60398  again");
  }
}

Test(system, too_many_modules_are_refused_with_a_word) {
  RunDirectory folder;
  const auto file = folder.path() / "data";
  std::ofstream(file) << "x";
  MachineConfig config = machine(Emulator::qemu, "");
  for (unsigned i = 0; i < 70; ++i) config.modules.push_back({file, "module" + std::to_string(i)});
  const RunResult result = run(config);
  cr_expect(result.ending == Ending::said_failed);
  expect_text(result, "panic: the loader's information");
  expect_text(result, "out_of_memory");
}

Test(system, the_command_line_is_obeyed_or_complained_about) {
  const RunResult quiet = run(machine(Emulator::qemu, "log=quiet"));
  cr_expect(quiet.console.find("modules") == std::string::npos);
  const RunResult debug = run(machine(Emulator::qemu, "log=debug colour=blue"));
  expect_text(debug, "loader: 0x");
  expect_text(debug, "unknown word colour=blue");
  expect_text(run(machine(Emulator::qemu, "log=loud")), "log=loud is not a level");
  expect_text(run(machine(Emulator::qemu, "test=nonsense")),
              "panic: this image has no test named nonsense");
}

Test(system, exceptions_are_panics_with_registers) {
  constexpr struct {
    const char* name;
    const char* message;
  } kAccidents[] = {
      {"invalid-opcode", "panic: invalid opcode (vector 6, error 0x0)"},
      {"divide", "panic: divide error (vector 0, error 0x0)"},
      {"breakpoint", "panic: breakpoint (vector 3, error 0x0)"},
      {"bad-selector", "panic: general protection (vector 13, error 0x1230)"},
      {"null-pointer",
       "panic: page fault (vector 14, error 0x2): writing 0x0000000000000000 is not mapped"}};
  for (const auto& accident : kAccidents) {
    const RunResult result =
        run(machine(Emulator::qemu, std::string("log=quiet test=accident arg=") + accident.name));
    cr_expect(result.ending == Ending::said_failed, "%s", result.explanation.c_str());
    expect_text(result, accident.message);
    expect_text(result, " main+");
  }
  for (const Emulator emulator : kAll) {
    const RunResult result = run(machine(emulator, "log=quiet test=accident arg=invalid-opcode"));
    cr_expect(result.ending == Ending::said_failed, "%s", result.explanation.c_str());
    for (const char* text :
         {"rax   0x1111111111111111", "rbx   0x2222222222222222", "r8    0x8888888888888888",
          "r15   0xffffffffffffff15", "invalid_opcode"}) {
      expect_text(result, text);
    }
  }
}

Test(system, a_stack_that_runs_out_is_a_message) {
  for (const Emulator emulator : {Emulator::qemu, Emulator::bochs}) {
    const RunResult result = run(machine(emulator, "log=quiet test=stack_overflow"));
    expect_text(result, "panic: double fault (vector 8");
    expect_text(result, "calls::whirlpool+");
  }
}

Test(system, a_counted_run_counts_the_same_again) {
  MachineConfig config = machine(Emulator::qemu_icount, "log=quiet");
  config.scope = image("sprat").parent_path().parent_path() / "host" / "scope.so";
  const RunResult first = run(config);
  const RunResult second = run(config);
  const auto one = parse_scope_report(first.scope), other = parse_scope_report(second.scope);
  cr_assert(one && other, "%s\n%s", first.scope.c_str(), second.scope.c_str());
  cr_assert_eq(one->regions.size(), other->regions.size());
  // From QEMU 9 on, a processor executes some more instructions after the one that ends the machine. They count in the sum,
  // and in a region that has not ended.
  const auto differ = [](const auto& a, const auto& b) {
    return std::abs(static_cast<std::int64_t>(a.at("instructions") - b.at("instructions")));
  };
  for (std::size_t i = 0; i < one->regions.size(); ++i) {
    const auto &a = one->regions[i], &b = other->regions[i];
    const bool ended = a.at("entries") == a.at("ends");
    cr_expect(ended ? a == b : differ(a, b) <= 64, "region %lu", a.at("id"));
  }
  cr_expect_leq(differ(one->vcpus.at(0).counts, other->vcpus.at(0).counts), 64);
}

Test(system, no_feature_is_inherited_from_the_loader) {
  // PAE and MCE; UMIP, SMEP and SMAP where the processor has them, as QEMU's does.
  constexpr std::uint64_t kWanted = 1 << 5 | 1 << 6, kProtections = 1 << 11 | 1 << 20 | 1 << 21;
  for (const Emulator emulator : kAll) {
    const RunResult result = run(machine(emulator, "log=quiet test=inherited_features nonce=1"));
    const std::uint64_t cr4 = hex_after(result.protocol, "after 0x");
    cr_expect_neq(hex_after(result.protocol, "before 0x"), cr4, "%s", result.explanation.c_str());
    cr_expect_eq(cr4 & ~kProtections, kWanted, "CR4 is %lx", cr4);
    if (emulator != Emulator::bochs) cr_expect_eq(cr4 & kProtections, kProtections);
  }
}

Test(system, message_with_an_unknown_vector_is_ignored) {
  for (const Emulator emulator : kAll) {
    const RunResult result = run(machine(emulator, "log=quiet test=unknown_message nonce=1"));
    cr_expect(result.ending == Ending::said_ok, "%s\n%s", result.explanation.c_str(),
              result.console.c_str());
  }
}
