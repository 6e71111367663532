// slot.cc — see slot.hh.

#include "score/slot.hh"

#include <fmt/format.h>

#include <vector>

#include "score/files.hh"
#include "score/job.hh"
#include "score/setup_error.hh"
#include "score/submission.hh"

namespace sprat::grading {

namespace fs = std::filesystem;

namespace {

constexpr const char* kBuild = "build";

std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> files;
  for (auto entry = fs::recursive_directory_iterator(folder);
       entry != fs::recursive_directory_iterator(); ++entry) {
    if (entry.depth() == 0 && entry->path().filename() == kBuild)
      entry.disable_recursion_pending();
    else if (!entry->is_directory())
      files.push_back(fs::relative(entry->path(), folder));
  }
  return files;
}

}  // namespace

void update_tree(const fs::path& from, const fs::path& to) {
  fs::create_directories(to);
  for (const fs::path& file : files_below(to))
    if (!fs::exists(from / file)) fs::remove(to / file);
  for (const fs::path& file : files_below(from)) {
    if (fs::exists(to / file) && read_file(from / file) == read_file(to / file)) continue;
    fs::create_directories((to / file).parent_path());
    fs::copy_file(from / file, to / file, fs::copy_options::overwrite_existing);
  }
}

void Slot::stage(const Variant& variant, const fs::path& log) const {
  const fs::path fresh = folder_.path() / "fresh";
  fs::remove_all(fresh);
  Job job;
  job.command.arguments = {fs::absolute(common_.stage),
                           "--tree",
                           fs::absolute(common_.root),
                           "--lab",
                           lab_,
                           "--out",
                           fresh,
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
  update_tree(fresh, tree());
}

Result Slot::grade_variant(const Variant& variant, const Manifest& manifest,
                           const std::vector<std::string>& tests) const {
  stage(variant, folder_.path() / "stage.log");
  Grading grading = common_;
  grading.out = common_.out / variant.name;
  grading.only = tests;
  grading.artifacts = artifacts_in(tree());
  const fs::path subject = fs::relative(grading.artifacts, tree()) / ("subject-" + manifest.lab);
  grading.build = {make_artifacts(tree(), common_.compiler, common_.jobs,
                                  run_on_host(tests, manifest) ? subject.string() : "artifacts")};
  return grade(grading, manifest);
}

}  // namespace sprat::grading
