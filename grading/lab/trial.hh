// trial.hh — the tests of a lab are written with this. A test is a Criterion test that leaves a record behind, so that
// a student learns the expected and the actual answer, and where to look.
//
//   LAB_TEST(uart, every_byte_waits_its_turn, "host") {
//     const auto answer = trial.ask("uart send 41");      // the code under test, in a process of its own
//     trial.expect_equal("the line it sends", "done", answer);
//   }
//
//   LAB_TEST(memory, free_memory_on_bochs, "bochs") {
//     const auto transcript = trial.boot({.test = "memory"});      // the booted kernel
//     ...
//   }
//
// Criterion's --timeout, which the grader sets, applies to tests that have a timeout of their own and replaces it.
// Bochs has no scope that watches the guest from outside. So a test on Bochs asks the same questions on QEMU first, where the scope sees
// which program answers, and counts only if that is passed too.
//
// Tests run in processes of their own, any number at once. Their random choices come from SPRAT_SEED and the
// test's name, so that the same seed makes the same test.

#pragma once

#include <criterion/criterion.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "machine/machine.hh"
#include "machine/run_directory.hh"
#include "machine/subject.hh"
#include "machine/transcript.hh"
#include "score/record.hh"
#include "score/scope_report.hh"

namespace sprat::grading {

// Why a test failed. Thrown by a Trial, caught by run_trial.
struct Failure {
  Verdict verdict = Verdict::wrong_answer;
  std::string expected;
  std::string came;
  std::string explain;
};

// How a test wants its machine.
struct Boot {
  std::string image = "sprat-test";  // or "sprat"
  std::string test = {};             // test=NAME for the kernel; empty: none
  std::string arg = {};              // arg=TEXT
  std::string program = {};  // of user space: boots in the place of the monitor, and answers
  std::string speaker = {};  // the one of `modules` by this name answers instead
  unsigned cpus = 1;
  unsigned instruction_time_bits = 0;  // on qemu-icount: see MachineConfig
  unsigned memory_mib = 32;
  std::vector<BootModule> modules = {};
  bool may_panic = false;                  // the test is about a panic
  std::optional<std::uint64_t> seed = {};  // of the guest; default: random
};

// The events of a run, and the answers of its guest.
struct Booted {
  RunResult run;
  Transcript transcript;
  std::uint64_t seed = 0;  // what the guest was given
};

// An event of the trusted program's code, as the scope saw it (grading/scope/README.md).
struct TrustedEvent {
  std::uint64_t time = 0;  // in steps of all processors
  unsigned cpu = 0;
  unsigned id = 0;
};

class Trial {
 public:
  // `test` is "suite.test", `machine` as in the manifest. Throws MachineError when SPRAT_RESULTS cannot be used.
  Trial(const std::string& test, const std::string& machine);

  // Numbers to choose inputs with.
  std::mt19937_64& random() { return random_; }
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

  // Asks the code under test (the lab's subject program, started at the first question) and returns its answer. Fails the
  // test when it crashes, hangs, ends or says too much.
  std::string ask(const std::string& question);

  // Boots the kernel under test on this test's machine and lets it run to its end. Fails the test, with the machine's
  // explanation, unless the guest ended well (or panicked, if `boot` allows that), with a transcript that is
  // complete and not forged.
  Booted boot(const Boot& boot);

  // Returns the scope's counts of a region of a run on QEMU. The test program enters it so many times: fails the test
  // as forged when there were other markers than that program's, or more of them, or out of turn; as wrong when there
  // were fewer.
  RegionCount region(const Booted& booted, std::uint64_t id, std::uint64_t entries);

  // The events of the program that answers, in the order of time. Nothing on Bochs, where no scope sees them.
  std::optional<std::vector<TrustedEvent>> events(const Booted& booted) const;

  // Boots it, waits for the answer `key`, stops time, calls `look`, and ends the machine. Returns what the guest had
  // said until then. QEMU only.
  Transcript boot_and_look(const Boot& boot, std::string_view key,
                           const std::function<void(Machine&)>& look);

  // An artifact under test: sprat.elf, sprat-test.elf or the subject.
  std::filesystem::path artifact(std::string_view name) const;

  // A file in this test's own folder, with these bytes, gone when the test ends.
  std::filesystem::path make_file(std::string_view name, std::string_view bytes);

  // Notes a measurement for a checkpoint.
  void value(std::string_view name, double measured);

  // Each fails the test, at once.
  [[noreturn]] void fail(const Failure& failure);
  [[noreturn]] void wrong(const std::string& expected, const std::string& came,
                          const std::string& explain = "");
  void expect_equal(std::string_view what, std::string_view expected, std::string_view came);

  // Keeps `text` among the logs, in place of an earlier one of that suffix; the record names the log kept last.
  void keep_log(std::string_view suffix, std::string_view text);

  const Record& record() const { return record_; }

 private:
  friend void run_trial(const char*, const char*, const char*, void (*)(Trial&));
  bool finish(const std::optional<Failure>& failure);
  void give_up(const std::string& trouble);
  void keep_questions();

  // One boot's configuration, with the seed and the nonce it gives to the guest.
  struct Prepared {
    MachineConfig config;
    std::uint64_t seed;
    std::string nonce;
  };
  Prepared prepare(const Boot& boot);

  // Keeps what the machine said; fails the test unless run and transcript are as `boot` wants them.
  Booted judge(const Boot& boot, const Prepared& prepared, RunResult run);

  // Fails the test as forged unless the scope saw the trusted program say what the machine said. Not on Bochs.
  void expect_said(const Boot& boot, const Prepared& prepared, const RunResult& run);

  // The body asks the same questions on that machine, from the beginning.
  void begin_on(const std::string& machine);

  Record record_;
  std::string machine_;  // where it boots now
  std::filesystem::path results_;
  std::mt19937_64 random_;
  RunDirectory directory_;
  std::unique_ptr<Subject> subject_;
  std::string questions_;  // what it was asked, a line each
  std::map<std::string, std::string> logs_;
  std::string last_log_;
  std::string last_explanation_;  // of the run before, for answers that are missing
};

// Runs the body, writes the record, and tells Criterion.
void run_trial(const char* suite, const char* name, const char* machine, void (*body)(Trial&));

// "0x1f", and "1f" as subjects read numbers.
std::string hex(std::uint64_t number);
std::string bare(std::uint64_t number);

// The answers whose value begins with `word`, in the order of their numeric keys, each split at blanks.
std::vector<std::vector<std::string>> list_of(const Transcript& transcript, std::string_view word);

}  // namespace sprat::grading

#define LAB_TEST(SUITE, NAME, MACHINE)                                            \
  static void lab_test_##SUITE##_##NAME(sprat::grading::Trial& trial);            \
  Test(SUITE, NAME, .timeout = 3600) {                                            \
    sprat::grading::run_trial(#SUITE, #NAME, MACHINE, lab_test_##SUITE##_##NAME); \
  }                                                                               \
  static void lab_test_##SUITE##_##NAME([[maybe_unused]] sprat::grading::Trial& trial)
