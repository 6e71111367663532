// mutants.cc — the program that grades the grader: every mutant must be caught by the tests that are declared to catch it, and
// fail no test of an exercise that has nothing to do with it.

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <exception>
#include <mutex>
#include <thread>

#include "score/files.hh"
#include "score/job.hh"
#include "score/options.hh"
#include "score/printable.hh"
#include "score/scorecard.hh"
#include "score/setup_error.hh"
#include "score/slot.hh"
#include "score/variant.hh"

namespace sprat::grading {
namespace {

struct Outcome {
  bool graded = false;
  bool all_tests = false;             // else only the telling ones
  int lost = 0;                       // of all tests
  std::vector<std::string> failures;  // of the tests that were run
  std::vector<std::string> deviations;
};

class Mutants {
 public:
  // A tree is built once for each worker, which takes longer than to grade some variants in it: few share one.
  Mutants(MutantsOptions options, const Manifest& manifest, std::vector<Variant> variants)
      : options_(shared_by(std::move(options), variants.size())),
        manifest_(manifest),
        variants_(std::move(variants)),
        outcomes_(variants_.size()),
        colours_(wants_colours(STDOUT_FILENO)) {}

  // Grades all, `workers` at a time, in the order declared; rows are printed as they come. Rethrows
  // the first trouble that is no fault of a variant.
  void grade_all() {
    fmt::print("{} variants of lab {}, seed {:#018x}\n\n", variants_.size(), manifest_.lab,
               options_.grading.seed);
    std::vector<std::thread> workers;
    for (unsigned i = 0; i < options_.workers; ++i) workers.emplace_back([this] { work(); });
    for (std::thread& worker : workers) worker.join();
    if (trouble_) std::rethrow_exception(trouble_);
  }

  std::size_t deviating() const {
    return static_cast<std::size_t>(std::count_if(
        outcomes_.begin(), outcomes_.end(),
        [](const Outcome& outcome) { return !outcome.graded || !outcome.deviations.empty(); }));
  }

  std::string tap() const {
    std::string text = fmt::format("TAP version 13\n1..{}\n", variants_.size());
    for (std::size_t i = 0; i < variants_.size(); ++i) {
      const Outcome& outcome = outcomes_[i];
      const bool ok = outcome.graded && outcome.deviations.empty();
      text += fmt::format("{}ok {} - {}\n", ok ? "" : "not ", i + 1, variants_[i].name);
      if (!outcome.graded) text += "# not graded\n";
      for (const std::string& deviation : outcome.deviations)
        text += "# " + printable(deviation, kLongest, 1) + "\n";
    }
    return text;
  }

  // A table for reviewers of mutants: for each, the tests that failed.
  std::string table() const {
    std::string text = fmt::format(
        "# Mutants of lab {}\n\n| mutant | edits | must be caught by | tests run | failed besides "
        "| "
        "points lost |\n|---|---|---|---|---|---|\n",
        manifest_.lab);
    for (std::size_t i = 0; i < variants_.size(); ++i) {
      const Outcome& outcome = outcomes_[i];
      const Variant& variant = variants_[i];
      if (variant.kind != Variant::Kind::mutant || !outcome.graded) continue;
      std::vector<std::string> besides;
      for (const std::string& test : outcome.failures)
        if (std::find(variant.caught_by.begin(), variant.caught_by.end(), test) ==
            variant.caught_by.end())
          besides.push_back(test);
      text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", variant.name,
                          fmt::join(variant.exercises, ", "), fmt::join(variant.caught_by, ", "),
                          outcome.all_tests ? "all" : "some", fmt::join(besides, ", "),
                          outcome.all_tests ? std::to_string(outcome.lost) : "");
    }
    return text;
  }

 private:
  static constexpr std::size_t kFewest = 4;      // variants for each worker
  static constexpr std::size_t kLongest = 4000;  // bytes of a line about deviations

  // A worker with too few variants helps the others instead.
  static MutantsOptions shared_by(MutantsOptions options, std::size_t variants) {
    const auto most = static_cast<unsigned>(std::max<std::size_t>(variants / kFewest, 1));
    const unsigned hands = options.workers * options.grading.jobs;
    options.workers = std::min(options.workers, most);
    options.grading.jobs = hands / options.workers;
    return options;
  }

  void work() {
    try {
      const Slot slot(options_.grading, manifest_.lab);
      for (std::size_t i = next_++; i < variants_.size() && !interrupted(); i = next_++) {
        const Outcome outcome = outcome_of(variants_[i], slot);
        if (interrupted()) return;
        const std::lock_guard lock(mutex_);
        outcomes_[i] = outcome;
        print_row(variants_[i], outcome);
      }
    } catch (...) {
      next_ = variants_.size();
      const std::lock_guard lock(mutex_);
      if (!trouble_ && !interrupted()) trouble_ = std::current_exception();
    }
  }

  Outcome outcome_of(const Variant& variant, const Slot& slot) const {
    try {
      const auto tests =
          options_.thorough ? std::vector<std::string>() : telling_tests(variant, manifest_);
      const Result result = slot.grade_variant(variant, manifest_, tests);
      Outcome outcome{true, tests.empty(), result.max_score - result.score, failures(result),
                      deviations(variant, manifest_, result)};
      if (outcome.deviations.empty() || tests.empty() || interrupted()) return outcome;
      outcome.deviations.push_back(all_failures(variant, slot));
      return outcome;
    } catch (const std::exception& error) {
      throw SetupError(fmt::format("the grader cannot grade `{}`: {}", variant.name, error.what()));
    }
  }

  // All tests that a mutant fails, to correct its declaration.
  std::string all_failures(const Variant& variant, const Slot& slot) const {
    const std::vector<std::string> failed = failures(slot.grade_variant(variant, manifest_));
    return failed.empty()
               ? "no test of the lab fails: it survives"
               : fmt::format("of all tests of the lab fail: {}", fmt::join(failed, ", "));
  }

  void print_row(const Variant& variant, const Outcome& outcome) const {
    const bool ok = outcome.deviations.empty();
    const char* const colour = !colours_ ? "" : ok ? "\x1b[32m" : "\x1b[31;1m";
    fmt::print("  {}{:<8}{} {:<36} {}\n", colour, ok ? "ok" : "DEVIATES", colours_ ? "\x1b[0m" : "",
               printable(variant.name, 36, 1), printable(variant.says, 80, 1));
    for (const std::string& deviation : outcome.deviations)
      fmt::print("          {}\n", printable(deviation, kLongest, 1));
    if (!ok)
      fmt::print("          see {}\n",
                 (options_.grading.out / variant.name / "result.json").string());
    std::fflush(stdout);
  }

  const MutantsOptions options_;
  const Manifest& manifest_;
  const std::vector<Variant> variants_;
  std::vector<Outcome> outcomes_;
  const bool colours_;
  std::atomic<std::size_t> next_{0};
  std::mutex mutex_;
  std::exception_ptr trouble_;
};

std::vector<Variant> chosen(std::vector<Variant> variants, const std::vector<std::string>& only) {
  for (const std::string& name : only)
    if (std::none_of(variants.begin(), variants.end(),
                     [&](const Variant& v) { return v.name == name; }))
      throw SetupError(fmt::format(
          "there is no mutant or alternative `{}`; scripts/stage --list says which", name));
  if (!only.empty())
    std::erase_if(variants, [&](const Variant& v) {
      return std::find(only.begin(), only.end(), v.name) == only.end();
    });
  return variants;
}

int main_of_mutants(int argc, char** argv) {
  const MutantsOptions options = mutants_options(argc, argv);
  const Manifest manifest = read_manifest(options.grading.root, options.lab);
  catch_interrupts();
  Mutants mutants(options, manifest,
                  chosen(read_variants(options.grading.root, options.lab), options.only));
  mutants.grade_all();
  write_file(options.grading.out / "mutants.tap", mutants.tap());
  write_file(options.grading.out / "mutants.md", mutants.table());
  if (interrupted()) return 130;
  const std::size_t deviating = mutants.deviating();
  if (deviating > 0)
    fmt::print("\n{} deviate from labs/{}-{}/mutants.toml. Mend the tests, or the declaration.\n",
               deviating, manifest.number, manifest.lab);
  else
    fmt::print("\nall as declared\n");
  return deviating > 0 ? 1 : 0;
}

}  // namespace
}  // namespace sprat::grading

int main(int argc, char** argv) {
  try {
    return sprat::grading::main_of_mutants(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "mutants: {}\n", error.what());
    return 2;
  }
}
