// manifest.cc — asking scripts/manifest for a lab, and looking things up in the answer.

#include "score/manifest.hh"

#include <fmt/format.h>

#include <algorithm>

#include "machine/run_directory.hh"
#include "score/files.hh"
#include "score/job.hh"
#include "score/manifest_json.hh"
#include "score/setup_error.hh"

namespace sprat::grading {

namespace fs = std::filesystem;

namespace {

constexpr int kRefused = 2;  // exit status of scripts/manifest when the manifest is at fault

// Returns what the script prints.
std::string ask(const fs::path& root, const std::string& lab, std::vector<std::string> more = {}) {
  const RunDirectory folder;
  const fs::path script = fs::absolute(root) / "scripts" / "manifest";
  if (!fs::exists(script))
    throw SetupError(fmt::format("{} is missing; is {} the root of a tree of Sprat?",
                                 script.string(), root.string()));
  Job job;
  job.command.arguments = {script, "--tree", fs::absolute(root), "--lab=" + lab};
  job.command.arguments.insert(job.command.arguments.end(), more.begin(), more.end());
  job.log = folder.path() / "manifest";
  job.most_seconds = 60;
  const JobEnd end = run(job);
  const std::string printed = read_file(job.log).value_or("");
  if (end.ok()) return printed;
  if (end.how == JobEnd::How::exited && end.number == kRefused) throw SetupError(printed);
  throw SetupError(fmt::format("{} {}; run make doctor. It printed: {}", script.string(),
                               describe(end, job), printed));
}

}  // namespace

bool Test::depends_on(const std::string& other) const {
  return exercise == other || is_among(needs, other) || is_among(uses, other);
}

int Manifest::max_points() const {
  int sum = 0;
  for (const Exercise& exercise : exercises) sum += exercise.points;
  return sum;
}

const Exercise* Manifest::exercise(const std::string& id) const {
  const auto found = std::find_if(exercises.begin(), exercises.end(),
                                  [&](const Exercise& exercise) { return exercise.id == id; });
  return found == exercises.end() ? nullptr : &*found;
}

const Test* Manifest::test(const std::string& name) const {
  const auto found =
      std::find_if(tests.begin(), tests.end(), [&](const Test& test) { return test.name == name; });
  return found == tests.end() ? nullptr : &*found;
}

Manifest read_manifest(const fs::path& root, const std::string& lab) {
  return parse_manifest(ask(root, lab));
}

std::vector<Variant> read_variants(const fs::path& root, const std::string& lab) {
  std::vector<Variant> variants{{Variant::Kind::reference, "reference", "the reference solution"}};
  for (Variant& variant : parse_variants(ask(root, lab, {"--variants"})))
    variants.push_back(std::move(variant));
  return variants;
}

}  // namespace sprat::grading
