// upcalls_test.cc — exercise 6: dispatchers that are preempted, enabled and disabled, and go on.

#include "events.hh"
#include "lab/probe.hh"
#include "registers.hh"

using namespace sprat::grading;
using lab::all_sixteen, lab::Event, lab::expect_answers, lab::expect_times, lab::kAnyNumber,
    lab::probe, lab::random_registers, lab::RegisterValues, lab::Sequence, lab::sixteen;

namespace {

// The registers that an upcall without a message begins with: rdi, and nothing else.
std::string registers_of_upcall(unsigned worker = 0) {
  RegisterValues values{};
  values[lab::rdi] = 0x20000000 + 4096 * worker;
  return all_sixteen(values);
}

// Changes them as `turns` rounds of grow_registers (../probe/worker.S) do.
void grow(RegisterValues& values, std::uint64_t& stack, std::uint64_t turns) {
  for (unsigned i = 0; i < 15; ++i) values[i] += turns * (0x101 + i * 0x102);
  stack += turns * 0x101f;
}

// The registers of code that stood still, which grew then. The flags are those of its comparison with 0.
void expect_undisturbed(Trial& trial, const Booted& booted) {
  Sequence sequence(booted.seed);
  RegisterValues values = random_registers(sequence);
  std::uint64_t rsp = sequence.next() >> 17;
  grow(values, rsp, 1);
  const std::string stack = sixteen(rsp);
  const std::string registers = all_sixteen(values);
  const std::string came = booted.transcript.answers.at("registers");
  trial.expect_equal("registers", registers.substr(0, registers.rfind(' ')),
                     came.substr(0, came.rfind(' ')));
  expect_answers(trial, booted, {{"stack", stack}, {"upcalls", "1"}, {"all_upcalls", "1"}});
  lab::expect_events(trial, booted, {Event::upcalled_run, Event::tells, Event::is_done},
                     {{Event::upcalled_run, 0}, {Event::tells}, {Event::is_done, 0}});
}

}  // namespace

LAB_TEST(upcalls, a_dispatcher_begins_with_nothing_but_its_frame, "qemu-icount") {
  using sprat::probe::mixed, sprat::probe::secret_of_space;
  const Booted booted = trial.boot(probe("first_upcall"));
  Sequence sequence(booted.seed);
  expect_answers(trial, booted,
                 {{"registers", registers_of_upcall()},
                  {"stack", sixteen(0)},
                  {"flags", sixteen(0x202)},
                  {"frame", "1 0"},
                  {"fpu", sixteen(0x37f) + " " + sixteen(0x1f80)},
                  {"sse", "0"},
                  {"word", sixteen(mixed(sequence.next(), secret_of_space(booted.seed)))}});
  lab::expect_events(trial, booted, {Event::upcalled_run, Event::is_done},
                     {{Event::upcalled_run, 0}, {Event::is_done, 0}});
}

LAB_TEST(upcalls, enabled_code_comes_back_by_the_upcall_run, "qemu-icount") {
  const Booted booted = trial.boot(probe("preempted_enabled", lab::kShortTurns));
  Sequence sequence(booted.seed);
  RegisterValues values = random_registers(sequence);
  std::uint64_t stack = sequence.next() >> 17;
  grow(values, stack, 1);
  expect_answers(trial, booted,
                 {{"enabled", all_sixteen(values)},
                  {"stack", sixteen(stack)},
                  {"rip", sixteen(0)},
                  {"was_interrupted", "1"},
                  {"upcall", registers_of_upcall()},
                  {"upcall_stack", sixteen(0)},
                  {"disabled", "1"}});
  expect_times(trial, booted, {Event::upcalled_run, 0}, 2, 2);
}

LAB_TEST(upcalls, disabled_code_is_resumed_in_place, "qemu-icount") {
  expect_undisturbed(trial, trial.boot(probe("preempted_disabled", lab::kShortTurns)));
}

LAB_TEST(upcalls, the_critical_region_counts_as_disabled, "qemu-icount") {
  expect_undisturbed(trial, trial.boot(probe("preempted_in_critical_region", lab::kShortTurns)));
}

LAB_TEST(upcalls, registers_survive_hundreds_of_preemptions_in_the_entry_code, "qemu-icount") {
  const Booted booted = trial.boot(probe("switches", lab::kShortTurns));
  Sequence sequence(booted.seed);
  for (unsigned worker = 0; worker < 3; ++worker) {
    RegisterValues values = random_registers(sequence);
    std::uint64_t stack = sequence.next() >> 17;
    const std::uint64_t turns = 20'000 + sequence.next() % 4096;
    grow(values, stack, turns);
    values[lab::flags] = 0;
    const std::string number = std::to_string(worker);
    expect_answers(trial, booted,
                   {{"worker" + number, all_sixteen(values)}, {"stack" + number, sixteen(stack)}});
    expect_times(trial, booted, {Event::goes_round, worker}, turns, turns);
    expect_times(trial, booted, {Event::is_done, worker}, 1, 1);
    expect_times(trial, booted, {Event::upcalled_run, worker}, 30, kAnyNumber);
  }
}

LAB_TEST(upcalls, each_dispatcher_has_its_own_x87_and_sse_registers, "qemu-icount") {
  const Booted booted = trial.boot(probe("fpu", lab::kShortTurns));
  Sequence sequence(booted.seed);
  std::uint64_t number = 0;
  for (unsigned worker = 0; worker < 3; ++worker) {
    std::vector<std::uint64_t> words;
    for (unsigned word = 0; word < 31; ++word) words.push_back(sequence.next());
    words.push_back(0x1f80 | (sequence.next() & 3) << 13);
    for (unsigned word = 0; word < 30; ++word) words[word] *= 2;
    words[30] = -words[30];
    for (const std::uint64_t word : words)
      expect_answers(trial, booted, {{std::to_string(number++), "word " + sixteen(word)}});
    expect_times(trial, booted, {Event::is_done, worker}, 1, 1);
    expect_times(trial, booted, {Event::upcalled_run, worker}, 3, kAnyNumber);
  }
}
