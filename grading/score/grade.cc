// grade.cc — the program that grades one lab; the work is in grading.cc.

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "score/adapters.hh"
#include "score/grading.hh"
#include "score/job.hh"
#include "score/json_files.hh"
#include "score/options.hh"
#include "score/out_folder.hh"
#include "score/printable.hh"
#include "score/scorecard.hh"
#include "score/submission.hh"
#include "score/variant.hh"

namespace sprat::grading {
namespace {

constexpr int kGraded = 0;
constexpr int kOtherScore = 1;
constexpr int kSetupError = 2;
constexpr int kInterrupted = 130;

Result graded(GradeOptions& options, const Manifest& manifest, const Look& look) {
  Grading& grading = options.grading;
  if (!options.exercise.empty())
    for (const std::string& test : tests_of(manifest, options.exercise))
      grading.only.push_back(test);
  if (options.checkpoints)
    for (const std::string& test : checkpoint_tests(manifest)) grading.only.push_back(test);
  // Only artifacts that some test uses are built.
  if (run_on_host(grading.only, manifest))
    grading.goal = WalledBuild::goal("subject-" + manifest.lab);
  catch_interrupts();
  grading.on_step = [](std::string_view step) {
    fmt::print("{} ...\n", step);
    std::fflush(stdout);
  };
  grading.on_finished = [&](std::string_view test, Verdict verdict) {
    fmt::print("{}\n", progress_line(test, verdict, look));
    std::fflush(stdout);
  };
  return grade(grading, manifest);
}

// A tree that passes here and would be refused there is the worst surprise of all.
void warn_of_hand_in(const std::vector<std::string>& lines) {
  constexpr std::size_t kMostColumns = 300;
  if (lines.empty()) return;
  fmt::print(
      "\nWhen this tree is handed in, an error makes it refused, and a warning is left behind:\n");
  for (const std::string& line : lines) fmt::print("  {}\n", printable(line, kMostColumns, 1));
}

int main_of_grade(int argc, char** argv) {
  GradeOptions options = grade_options(argc, argv);
  if (!options.adapter.empty()) {
    fmt::print("{}", adapt(options.adapter, read_result(options.in)));
    return kGraded;
  }
  if (options.rejudge.empty()) {
    // Whatever goes wrong from here on, no grade of before is taken for this one's.
    std::error_code ignored;
    std::filesystem::remove(options.grading.out / kResultFile, ignored);
  }
  const Manifest manifest = read_manifest(options.grading.root, options.lab);
  const bool again = !options.rejudge.empty();
  const Look look{wants_colours(STDOUT_FILENO), again ? options.rejudge : options.grading.out,
                  options.grading.artifacts};
  const Result result =
      again ? judge_again(options.rejudge, manifest) : graded(options, manifest, look);
  fmt::print("{}", scorecard(result, look));
  if (!again && options.grading.submission.empty())
    warn_of_hand_in(trouble_if_handed_in(options.grading.root, options.grading.out / "logs"));
  if (options.expect_score && *options.expect_score != result.score) {
    fmt::print(stderr, "grade: the score is {}, expected was {}\n", result.score,
               *options.expect_score);
    return kOtherScore;
  }
  return kGraded;
}

}  // namespace
}  // namespace sprat::grading

int main(int argc, char** argv) {
  try {
    return sprat::grading::main_of_grade(argc, argv);
  } catch (const std::exception& error) {
    fmt::print(stderr, "grade: {}\n", sprat::grading::printable(error.what(), 4000, 100));
    return sprat::grading::interrupted() ? sprat::grading::kInterrupted
                                         : sprat::grading::kSetupError;
  }
}
