// slot.cc — see slot.hh.

#include "score/slot.hh"

#include <fmt/format.h>

#include <vector>

#include "score/files.hh"
#include "score/job.hh"
#include "score/setup_error.hh"

namespace sprat::grading {

namespace fs = std::filesystem;

void Slot::stage(const Variant& variant, const fs::path& log) const {
  fs::remove_all(tree());
  Job job;
  job.command.arguments = {fs::absolute(common_.stage),
                           "--tree",
                           fs::absolute(common_.root),
                           "--lab",
                           lab_,
                           "--out",
                           tree(),
                           "--no-git"};
  std::vector<std::string>& arguments = job.command.arguments;
  switch (variant.kind) {
    case Variant::Kind::reference: arguments.push_back("--solution"); break;
    case Variant::Kind::mutant:
      arguments.insert(arguments.end(), {"--mutant", variant.name});
      break;
    case Variant::Kind::alternative:
      arguments.insert(arguments.end(), {"--alternative", variant.name});
      break;
  }
  job.log = log;
  const JobEnd end = run(job);
  if (!end.ok())
    throw SetupError(fmt::format("{} {}:\n{}", common_.stage.string(), describe(end, job),
                                 read_file(job.log).value_or("")));
}

Result Slot::grade_variant(const Variant& variant, const Manifest& manifest,
                           const std::vector<std::string>& tests) const {
  stage(variant, folder_.path() / "stage.log");
  Grading grading = common_;
  grading.out = common_.out / variant.name;
  grading.only = tests;
  grading.tree = tree();
  grading.place = folder_.path() / "built";
  if (run_on_host(tests, manifest)) grading.goal = WalledBuild::goal("subject-" + manifest.lab);
  return grade(grading, manifest);
}

}  // namespace sprat::grading
