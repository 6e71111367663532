// trial.cc — boots, questions and records of one test.

#include "lab/trial.hh"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

#include "lab/witness.hh"
#include "machine/record_file.hh"
#include "machine/seed.hh"

namespace sprat::grading {
namespace {

namespace fs = std::filesystem;

// Several times what the slowest test of the reference takes, firmware and loader included.
constexpr std::uint64_t kMostInstructions = 300'000'000;
// A core that waits for one which the host does not run executes more.
constexpr std::uint64_t kMostInstructionsOfThreads = 4 * kMostInstructions;
constexpr std::uint64_t kMostTicks = 55'000'000;

fs::path from_environment(const char* name, const char* what) {
  const char* value = std::getenv(name);
  if (value == nullptr) {
    throw MachineError(std::string(name) + " (" + what +
                       ") is not set; run this test by `make grade` or `make test-one`");
  }
  return value;
}

// The program that answers: the first one, or the first by that name.
BootModule& speaker_among(std::vector<BootModule>& modules, const std::string& name) {
  const auto speaker = std::ranges::find_if(modules, [&](const BootModule& module) {
    return name.empty() || module.string == name || module.string.starts_with(name + " ");
  });
  if (speaker == modules.end()) throw MachineError("no module is named " + name);
  return *speaker;
}

// The words that the answering program is told.
// `threads`: the cores are threads of the host, and the guest's clock is the host's.
std::string words_of(const Boot& boot, const std::string& seed, const std::string& nonce,
                     bool threads) {
  if (boot.test.empty()) return "";
  std::string text = " test=" + boot.test + " seed=" + seed + " nonce=" + nonce;
  if (!boot.arg.empty()) text += " arg=" + boot.arg;
  if (threads) text += " cores=threads";
  return text;
}

}  // namespace

std::string hex(std::uint64_t number) {
  std::ostringstream text;
  text << "0x" << std::hex << number;
  return text.str();
}

std::string bare(std::uint64_t number) { return hex(number).substr(2); }

std::vector<std::vector<std::string>> list_of(const Transcript& transcript, std::string_view word) {
  std::map<std::uint64_t, std::vector<std::string>> by_number;
  for (const auto& [key, value] : transcript.answers) {
    if (key.empty() || key.find_first_not_of("0123456789") != std::string::npos || key.size() > 18)
      continue;
    std::istringstream words(value);
    std::vector<std::string> list{std::istream_iterator<std::string>(words), {}};
    if (!list.empty() && list[0] == word) by_number[std::stoull(key)] = std::move(list);
  }
  std::vector<std::vector<std::string>> result;
  for (auto& [number, list] : by_number) result.push_back(std::move(list));
  return result;
}

Trial::Trial(const std::string& test, const std::string& machine)
    : results_(from_environment("SPRAT_RESULTS", "where records and logs go")),
      random_(derived_seed(master_seed(), test)) {
  record_.test = test;
  record_.machine = machine_ = machine;
  record_.seed = hex(master_seed());
}

void Trial::begin_on(const std::string& machine) {
  machine_ = machine;
  random_.seed(derived_seed(master_seed(), record_.test));
  record_.values.clear();
}

fs::path Trial::artifact(std::string_view name) const {
  const fs::path path =
      from_environment("SPRAT_ARTIFACTS", "the folder of the artifacts under test") / name;
  if (!fs::exists(path))
    throw MachineError(path.string() + " is missing; `make artifacts` builds it");
  return fs::absolute(path);
}

fs::path Trial::make_file(std::string_view name, std::string_view bytes) {
  const fs::path path = directory_.path() / name;
  std::ofstream file(path, std::ios::binary);
  file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  if (!file.flush()) throw MachineError("cannot write " + path.string() + "; is the disk full?");
  return path;
}

std::string Trial::ask(const std::string& question) {
  if (!subject_) {
    const std::string lab = std::getenv("SPRAT_LAB") != nullptr ? std::getenv("SPRAT_LAB") : "boot";
    subject_ = std::make_unique<Subject>(
        SubjectConfig{.program = artifact("subject-" + lab), .cpu_seconds = 60});
  }
  questions_ += question + "\n";
  if (const auto answer = subject_->ask(question)) return *answer;
  keep_questions();
  keep_log("subject", subject_->log());
  fail({subject_->verdict(), "an answer to: " + question.substr(0, 200), "none",
        subject_->explanation()});
}

void Trial::keep_questions() {
  record_.questions = "logs/" + record_.test + ".questions.log";
  keep_log("questions", questions_);
}

Trial::Prepared Trial::prepare(const Boot& boot) {
  const std::uint64_t seed = boot.seed.value_or(random_());
  const std::string nonce = sixteen_digits(random_());
  const auto emulator = emulator_named(machine_);
  if (!emulator)
    throw MachineError(machine_ + " is no emulator: correct the machine of " + record_.test);
  MachineConfig config;
  config.emulator = *emulator;
  config.kernel = artifact(boot.image + ".elf");
  config.modules = boot.modules;
  // The kernel's own words would count as part of the guest's console.
  config.command_line = "log=quiet";
  const bool threads = *emulator == Emulator::qemu && boot.cpus > 1;
  const std::string words = words_of(boot, sixteen_digits(seed), nonce, threads);
  if (boot.program.empty()) {
    config.command_line += words;
  } else {
    config.modules.insert(config.modules.begin(), {artifact("../user/" + boot.program), "monitor"});
    speaker_among(config.modules, boot.speaker).string += words;
  }
  config.cpus = boot.cpus;
  config.instruction_time_bits = boot.instruction_time_bits;
  config.memory_mib = boot.memory_mib;
  config.wall_seconds = 60;
  if (*emulator == Emulator::bochs) {
    config.guest_limit = kMostTicks;
  } else {
    config.scope = fs::absolute(from_environment("SPRAT_SCOPE", "the QEMU plugin"));
    config.guest_limit = threads ? kMostInstructionsOfThreads : kMostInstructions;
    config.traces = !boot.program.empty();
    // The program without its symbols boots; the one with symbols tells where the code is.
    try {
      fs::path file = config.kernel;
      if (!boot.program.empty())
        file = speaker_among(config.modules, boot.speaker).file.string() + ".elf";
      config.trust = trust_in(file);
    } catch (const CannotBeWatched& program) {
      wrong("the code and the tests of a program lie where its linker script puts them",
            program.what(),
            "Do not change sections or symbols of the tests; the log of the build and `objdump -h` "
            "show where they went.");
    }
  }
  return {config, seed, nonce};
}

Booted Trial::judge(const Boot& boot, const Prepared& prepared, RunResult run) {
  last_explanation_ = run.explanation;
  keep_log("console", run.console);
  keep_log("protocol", run.protocol);
  const bool broke = run.ending == Ending::emulator_broke;
  if (broke || run.verdict == Verdict::triple_fault) keep_log("emulator", run.emulator_log);
  if (broke) throw MachineError(run.explanation);
  Transcript transcript = parse_transcript(run.protocol, prepared.nonce, boot.test);
  const bool panicked_as_wanted =
      boot.may_panic && run.verdict == Verdict::panic && !transcript.forged();
  if (boot.test.empty() ? run.verdict != Verdict::ok : !panicked_as_wanted) {
    const Judgement judgement = boot.test.empty() ? Judgement{run.verdict, run.explanation}
                                                  : judge_evidence(run, transcript);
    if (judgement.verdict != Verdict::ok) {
      fail({judgement.verdict,
            "the kernel boots" + (boot.test.empty() ? "" : " and runs test=" + boot.test) +
                " to its end",
            std::string(meaning_of(judgement.verdict)), judgement.explanation});
    }
  }
  expect_said(boot, prepared, run);
  return {std::move(run), std::move(transcript), prepared.seed};
}

void Trial::expect_said(const Boot& boot, const Prepared& prepared, const RunResult& run) {
  constexpr unsigned kKernelRing = 0, kUserRing = 3;
  if (boot.test.empty() || prepared.config.emulator == Emulator::bochs) return;
  const auto report = parse_scope_report(run.scope);
  if (!report)
    throw MachineError("the scope left no report; is SPRAT_SCOPE the plugin of this build?");
  const std::string why =
      doubts(*report, run.protocol, prepared.nonce, boot.program.empty() ? kKernelRing : kUserRing);
  if (why.empty()) return;
  keep_log("scope", run.scope);
  fail({Verdict::forged, "the test program says what comes on port 0xe9",
        std::string(meaning_of(Verdict::forged)), why});
}

Booted Trial::boot(const Boot& boot) {
  const Prepared prepared = prepare(boot);
  Machine machine(prepared.config);
  return judge(boot, prepared, machine.run());
}

Transcript Trial::boot_and_look(const Boot& boot, std::string_view key,
                                const std::function<void(Machine&)>& look) {
  const Prepared prepared = prepare(boot);
  Machine machine(prepared.config);
  const std::string line = "@" + prepared.nonce + " answer " + std::string(key);
  if (auto ended = machine.run_until(line)) {
    judge(boot, prepared, std::move(*ended));
    wrong("the guest answers " + std::string(key), "it ended without that");
  }
  look(machine);
  const RunResult run = machine.abandon();
  keep_log("protocol", run.protocol);
  expect_said(boot, prepared, run);
  return parse_transcript(run.protocol, prepared.nonce, boot.test);
}

RegionCount Trial::region(const Booted& booted, std::uint64_t id, std::uint64_t entries) {
  const auto count = region_in_scope_report(booted.run.scope, id);
  if (!count)
    throw MachineError("the scope left no report; is SPRAT_SCOPE the plugin of this build?");
  const std::string expected = std::to_string(entries) + " entries and ends of region " +
                               std::to_string(id) + ", the test program's own";
  const std::string came = std::to_string(count->entries) + " entries and " +
                           std::to_string(count->ends) + " ends, " +
                           std::to_string(count->strangers) + " of them by other code and " +
                           std::to_string(count->unpaired) + " out of turn";
  const bool is_forged =
      count->strangers + count->unpaired != 0 || count->entries > entries || count->ends > entries;
  if (is_forged) {
    fail({Verdict::forged, expected, came,
          "The instructions between two markers are counted, and more markers were executed than "
          "those of the test program, or in another order. Do not execute `nopl 0x5a5eNNNN` "
          "yourself."});
  }
  if (count->entries != entries || count->ends != entries) wrong(expected, came);
  return *count;
}

std::optional<std::vector<TrustedEvent>> Trial::events(const Booted& booted) const {
  if (machine_ == name_of(Emulator::bochs)) return std::nullopt;
  std::vector<TrustedEvent> events;
  std::istringstream lines(booted.run.trace);
  std::uint64_t address = 0;
  for (TrustedEvent event{}; lines >> event.time >> event.cpu >> event.id >> address;)
    if (event.id != 0) events.push_back(event);
  return events;
}

void Trial::value(std::string_view name, double measured) {
  record_.values[std::string(name)] = measured;
}

void Trial::fail(const Failure& failure) { throw failure; }

void Trial::wrong(const std::string& expected, const std::string& came,
                  const std::string& explain) {
  fail({Verdict::wrong_answer, expected, came, explain});
}

void Trial::expect_equal(std::string_view what, std::string_view expected, std::string_view came) {
  if (expected == came) return;
  wrong(std::string(what) + ": " + std::string(expected), std::string(came));
}

void Trial::keep_log(std::string_view suffix, std::string_view text) {
  last_log_ = record_.test + "." + std::string(suffix) + ".log";
  logs_[last_log_] = text;
}

bool Trial::finish(const std::optional<Failure>& failure) {
  if (failure) {
    record_.verdict = failure->verdict;
    record_.expected = failure->expected;
    record_.came = failure->came;
    record_.explain = failure->explain;
    record_.values.clear();
  } else if (subject_ && subject_->finish() != Verdict::ok) {
    record_.verdict = subject_->verdict();
    record_.expected = "the code under test ends in good order";
    record_.came = "it did not";
    record_.explain = subject_->explanation();
    keep_questions();
    keep_log("subject", subject_->log());
  } else {
    record_.verdict = Verdict::ok;
  }
  for (const auto& [name, text] : logs_) write_log(results_, name, text);
  if (!last_log_.empty()) record_.log = "logs/" + last_log_;
  write_record(results_, record_);
  return record_.verdict == Verdict::ok;
}

// Leaves a record that says why the grader could not run the test: its own trouble is no failure of the code under test.
void Trial::give_up(const std::string& trouble) {
  record_.verdict = Verdict::not_run;
  record_.trouble = trouble;
  record_.values.clear();
  for (const auto& [name, text] : logs_) write_log(results_, name, text);
  if (!last_log_.empty()) record_.log = "logs/" + last_log_;
  write_record(results_, record_);
}

void run_trial(const char* suite, const char* name, const char* machine, void (*body)(Trial&)) {
  std::optional<Failure> failure;
  try {
    Trial trial(std::string(suite) + "." + name, machine);
    try {
      if (std::string_view(machine) == "bochs") {
        trial.begin_on("qemu-icount");
        body(trial);
        trial.begin_on(machine);
      }
      body(trial);
    } catch (const Failure& thrown) {
      failure = thrown;
    } catch (const std::out_of_range&) {
      failure = Failure{Verdict::wrong_answer, "an answer to every question", "one is missing",
                        trial.last_explanation_};
    } catch (const MachineError& trouble) {
      trial.give_up(trouble.what());
      throw;
    } catch (const fs::filesystem_error& trouble) {
      trial.give_up(trouble.what());
      throw;
    } catch (const std::bad_alloc&) {
      trial.give_up("out of memory");
      throw;
    }
    cr_assert(trial.finish(failure), "%s: expected %s, came %s",
              std::string(name_of(trial.record().verdict)).c_str(), trial.record().expected.c_str(),
              trial.record().came.c_str());
  } catch (const MachineError& trouble) {
    cr_assert_fail("%s%s", kCannotRun, trouble.what());
  } catch (const fs::filesystem_error& trouble) {
    cr_assert_fail("%s%s", kCannotRun, trouble.what());
  } catch (const std::bad_alloc&) {
    cr_assert_fail("%sout of memory", kCannotRun);
  }
}

}  // namespace sprat::grading
