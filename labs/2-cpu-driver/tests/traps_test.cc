// traps_test.cc — exercise 5: exceptions and system calls of user code in the booted system. The last test is one of
// exercise 6: saved addresses that no code can be resumed at.

#include "events.hh"
#include "lab/probe.hh"
#include "registers.hh"

using namespace sprat::grading;
using lab::all_sixteen, lab::Event, lab::expect_answers, lab::expect_events, lab::expect_times,
    lab::Happened, lab::kAnyNumber, lab::probe, lab::random_registers, lab::Sequence, lab::sixteen;

namespace {

using sprat::probe::mixed;

constexpr std::uint64_t kNotCanonical = std::uint64_t{1} << 62;

// The exception of each instruction of ../probe/accidents.S.
struct Accident {
  const char* name;
  unsigned vector, error;
  std::uint64_t address;  // of a page fault; 0: see below
  std::uint64_t rip;      // from the instruction on
};

}  // namespace

LAB_TEST(traps, an_exception_is_an_upcall_with_all_registers_as_they_were, "qemu-icount") {
  const Booted booted = trial.boot(probe("traps"));
  const auto& answers = booted.transcript.answers;
  const std::uint64_t code = std::stoull(answers.at("code"), nullptr, 0);
  const std::uint64_t jump = std::stoull(answers.at("jump"), nullptr, 0);
  std::size_t second = 0;
  const std::string data = answers.at("data");
  const std::uint64_t zero = std::stoull(data, &second, 0);
  const std::uint64_t zero_from_jump = std::stoull(data.substr(second), nullptr, 0);
  const Accident accidents[] = {
      {"divide", 0, 0, 0, 0},
      {"invalid_opcode", 6, 0, 0, 0},
      {"breakpoint", 3, 0, 0, 1},
      {"single_step", 1, 0, 0, 0},
      {"read_nothing", 14, 4, 0x30000123, 0},
      {"write_nothing", 14, 6, 0x30000ffc, 0},
      {"write_code", 14, 7, code, 0},
      {"execute_data", 14, 0x15, zero, zero_from_jump},
      {"read_kernel", 14, 5, 0xffffffff80100000, 0},
      {"write_kernel", 14, 7, 0xffffffff80100000, 0},
      {"halt", 13, 0, 0, 0},
      {"forbid_interrupts", 13, 0, 0, 0},
      {"gate", 13, 0x20 * 8 + 2, 0, 0},
      {"control_register", 13, 0, 0, 0},
      {"port", 13, 0, 0, 0},
      {"non_canonical", 13, 0, 0, 0},
      {"non_canonical_jump", 13, 0, 0, 0},
  };
  Sequence sequence(booted.seed);
  std::uint64_t number = 0;
  for (const Accident& accident : accidents) {
    auto registers = random_registers(sequence);
    registers[lab::rbx] = (registers[lab::rbx] | kNotCanonical) << 1 >> 1;
    registers[lab::rbp] = (registers[lab::rbp] | kNotCanonical) << 1 >> 1;
    trial.expect_equal(std::string(accident.name) + ": registers",
                       "registers " + all_sixteen(registers), answers.at(std::to_string(number++)));
    const auto told = [&](unsigned error, std::uint64_t rip) {
      return std::to_string(accident.vector) + " " + std::to_string(error) + " " +
             sixteen(accident.address) + " " + sixteen(rip);
    };
    const std::string came = answers.at(accident.name);
    // A jump to nowhere may fault before it or behind, and QEMU before version 9 doubles the number of a gate.
    const bool may_be = came == told(accident.error, registers[lab::rbx] - jump) ||
                        (accident.name == std::string("gate") && came == told(0x20 * 16 + 2, 0));
    if (may_be) continue;
    trial.expect_equal(std::string(accident.name) + ": vector, error, address, rip",
                       told(accident.error, accident.rip), came);
  }
  expect_answers(trial, booted, {{"traps", std::to_string(number)}});
}

LAB_TEST(traps, an_exception_of_disabled_code_stops_its_dispatcher_alone, "qemu-icount") {
  const Booted booted = trial.boot(probe("disabled_traps", 6));
  const std::uint64_t code = std::stoull(booted.transcript.answers.at("code"), nullptr, 0);
  const struct {
    const char* name;
    unsigned vector;
    std::uint64_t address;
  } accidents[] = {{"divide", 0, 0},
                   {"invalid_opcode", 6, 0},
                   {"read_nothing", 14, 0x30000123},
                   {"write_nothing", 14, 0x30000ffc},
                   {"write_code", 14, code},
                   {"read_kernel", 14, 0xffffffff80100000},
                   {"halt", 13, 0},
                   {"forbid_interrupts", 13, 0},
                   {"control_register", 13, 0}};
  Sequence sequence(booted.seed);
  std::uint64_t word = 0;
  std::vector<Happened> events;
  for (unsigned number = 0; number < 4; ++number) {
    const auto& [name, vector, address] = accidents[sequence.next() % std::size(accidents)];
    const std::string stopped = std::string(name) + " 5 " + std::to_string(vector) + " ";
    expect_answers(
        trial, booted,
        {{std::to_string(number), stopped + sixteen(0) + " " + sixteen(address) + " 0"}});
    word = mixed(word, sequence.next());
    events.insert(events.end(), {{Event::upcalled_run, number + 1},
                                 {Event::faults, number + 1},
                                 {Event::tells},
                                 {Event::told, 0}});
  }
  expect_answers(trial, booted, {{"reports", "30"}, {"neighbour", sixteen(word) + " runs"}});
  events.insert(events.begin(), {Event::upcalled_run, 0});
  expect_events(trial, booted,
                {Event::upcalled_run, Event::upcalled_page_fault, Event::upcalled_trap,
                 Event::faults, Event::tells, Event::told},
                events);
}

LAB_TEST(traps, system_calls_keep_all_other_registers, "qemu-icount") {
  const Booted booted = trial.boot(probe("system_calls"));
  const struct {
    const char* key;
    std::uint64_t rdi;
    unsigned status;
  } calls[] = {{"no_system_call", 0x12345678, 17},
               {"no_such_number", 17, 17},
               {"yield", 0, 0},
               {"yield_to_nowhere", 17, 2},
               {"no_capability", 0xffff, 8},
               {"wild_address", ~std::uint64_t{0}, 8},
               {"write_without_console", 0xffff, 8},
               {"write_too_much", 0x105 | std::uint64_t{41} << 32, 2}};
  Sequence sequence(booted.seed);
  for (const auto& [key, rdi, status] : calls) {
    auto r = random_registers(sequence);
    r[lab::rdi] = rdi;
    if (sequence.next() % 2 != 0) sequence.next();
    using namespace lab;
    trial.expect_equal(
        std::string(key) + ": status, rbx, rdx, rsi, rdi, rbp, r8 to r10, r12 to r15, flags",
        std::to_string(status) + " " +
            all_sixteen(std::array{r[rbx], r[rdx], r[rsi], r[lab::rdi], r[rbp], r[r8], r[r9],
                                   r[r10], r[r12], r[r13], r[r14], r[r15], r[flags]}),
        booted.transcript.answers.at(key));
  }
}

LAB_TEST(traps, a_caller_has_its_registers_again_with_the_reply, "qemu-icount") {
  const Booted booted = trial.boot(probe("registers_of_a_caller"));
  constexpr unsigned kCalls = 4;
  Sequence sequence(booted.seed);
  for (unsigned call = 0; call < kCalls; ++call) {
    const auto r = random_registers(sequence);
    const std::string stack = sequence.next() % 2 == 0 ? "own" : sixteen(sequence.next());
    using namespace lab;
    std::string right = "ok " + stack;
    for (const unsigned name : {rbx, rbp, r12, r13, r14, r15}) right += " " + sixteen(r[name]);
    trial.expect_equal("call " + std::to_string(call) + ": status, rsp, rbx, rbp, r12 to r15",
                       right, booted.transcript.answers.at(std::to_string(call)));
  }
  expect_answers(trial, booted, {{"calls", std::to_string(kCalls)}});
  std::vector<Happened> events;
  for (unsigned call = 0; call < kCalls; ++call)
    events.insert(events.end(), {{Event::asks}, {Event::upcalled_lrpc, 0}});
  expect_events(trial, booted, {Event::asks, Event::upcalled_lrpc}, events);
}

// On Bochs: QEMU's SYSCALL clears the direction flag whatever the mask says.
LAB_TEST(traps, no_flag_of_the_users_reaches_the_kernel, "bochs") {
  const Booted booted = trial.boot(probe("flags"));
  constexpr unsigned kWordsOfAFrame = 4096;
  Sequence sequence(booted.seed);
  std::uint64_t word = sequence.next(), number = 0;
  const auto expect_made = [&](unsigned flags) {
    for (unsigned zero = 0; zero < kWordsOfAFrame; ++zero) word = mixed(word, 0);
    expect_answers(
        trial, booted,
        {{std::to_string(number++), "made " + std::to_string(flags) + " 0 " + sixteen(word)}});
  };
  unsigned flags[] = {0x0, 0x400, 0x4000, 0x3000, 0x40000, 0x200000};
  for (std::size_t left = std::size(flags); left != 0; --left)
    expect_made(std::exchange(flags[sequence.next() % left], flags[left - 1]));
  for (const unsigned with_steps : {0x100u, 0x44500u}) expect_made(with_steps);
  expect_answers(trial, booted, {{"steps", "came"}, {"resumed_with", sixteen(mixed(word, 0x200))}});
  expect_events(trial, booted, {Event::is_done}, {{Event::is_done, 1}});
}

LAB_TEST(traps, kernel_code_is_not_interrupted, "qemu-icount") {
  const Booted booted = trial.boot(probe("turns_in_calls", 6));
  expect_answers(trial, booted, {{"changes", "enough"}});
  for (unsigned worker = 0; worker < 3; ++worker) {
    expect_times(trial, booted, {Event::has_turn, worker}, 15, kAnyNumber);
    expect_times(trial, booted, {Event::upcalled_run, worker}, 1, 1);
  }
}

LAB_TEST(traps, a_non_canonical_address_stops_its_dispatcher, "qemu-icount") {
  const Booted booted = trial.boot(probe("wild_addresses", 6));
  Sequence sequence(booted.seed);
  const std::uint64_t wild[] = {sequence.next() | kNotCanonical, 0xffffffff80100000, 0x7ffffffff000,
                                std::uint64_t{1} << 47};
  lab::Expected expected{{"0", "entry 5 256 " + sixteen(wild[0])},
                         {"1", "entry 5 256 " + sixteen(wild[1])}};
  for (unsigned i = 0; i < 4; ++i)
    expected.push_back({std::to_string(2 + i), "resumed 5 256 " + sixteen(wild[i])});
  expect_answers(trial, booted, expected);
  std::vector<Happened> events = {{Event::tells}, {Event::tells}};
  for (unsigned worker = 2; worker < 6; ++worker)
    events.insert(events.end(), {{Event::upcalled_run, worker}, {Event::tells}});
  for (unsigned worker = 2; worker < 6; ++worker)
    expect_times(trial, booted, {Event::goes_round, worker}, 3, kAnyNumber);
  expect_events(trial, booted, {Event::upcalled_run, Event::tells}, events);
}
