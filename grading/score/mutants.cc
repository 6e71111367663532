// mutants.cc — the program that grades the grader: every mutant must lose exactly what it is
// declared to lose.

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
#include "score/scorecard.hh"
#include "score/setup_error.hh"
#include "score/slot.hh"
#include "score/variant.hh"

namespace sprat::grading {
namespace {

struct Outcome {
  bool graded = false;
  int lost = 0;
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
      for (const std::string& deviation : outcome.deviations)
        text += "# " + printable(deviation, 400, 1) + "\n";
    }
    return text;
  }

 private:
  static constexpr std::size_t kFewest = 4;  // variants for each worker

  // Who would work for too few lends a hand to the others instead.
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
        const Result result = slot.grade_variant(variants_[i], manifest_);
        if (interrupted()) return;
        const std::lock_guard lock(mutex_);
        outcomes_[i] = {true, result.max_score - result.score, deviations(variants_[i], result)};
        print_row(variants_[i], outcomes_[i]);
      }
    } catch (...) {
      next_ = variants_.size();
      const std::lock_guard lock(mutex_);
      if (!trouble_ && !interrupted()) trouble_ = std::current_exception();
    }
  }

  void print_row(const Variant& variant, const Outcome& outcome) const {
    const bool ok = outcome.deviations.empty();
    const char* const colour = !colours_ ? "" : ok ? "\x1b[32m" : "\x1b[31;1m";
    fmt::print("  {}{:<7}{} {:<28} loses {:>3}  {}\n", colour, ok ? "ok" : "DEVIATES",
               colours_ ? "\x1b[0m" : "", printable(variant.name, 28, 1), outcome.lost,
               printable(variant.says, 80, 1));
    for (const std::string& deviation : outcome.deviations)
      fmt::print("          {}\n", printable(deviation, 400, 1));
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
  const std::filesystem::path lab = find_lab(options.grading.root, options.lab);
  const Manifest manifest = read_manifest(lab / "lab.toml");
  catch_interrupts();
  Mutants mutants(options, manifest, chosen(read_variants(lab, manifest), options.only));
  mutants.grade_all();
  write_file(options.grading.out / "mutants.tap", mutants.tap());
  if (interrupted()) return 130;
  const std::size_t deviating = mutants.deviating();
  if (deviating > 0)
    fmt::print(
        "\n{} deviate from what {}/mutants.toml declares. Mend the tests, or the declaration.\n",
        deviating, lab.string());
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
