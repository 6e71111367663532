// walled_build.cc — see walled_build.hh.

#include "score/walled_build.hh"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <vector>

#include "machine/run_directory.hh"
#include "score/files.hh"
#include "score/setup_error.hh"
#include "score/versions.hh"

namespace sprat::grading {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t kMiB = std::size_t{1} << 20;
// Three times the processor time of the slowest unit, which is lab 3's subject.
constexpr Limits kLimits = {.cpu_seconds = 25,
                            .memory_bytes = 3072 * kMiB,
                            .tasks = 256,
                            .file_bytes = 256 * kMiB,
                            .disk_bytes = 1024 * kMiB};

constexpr const char* kBuild = "build";
constexpr const char* kScratch = "tmp";

// The files of which artifacts are made. A * stands for any one name.
constexpr std::string_view kNeeded[] = {"Makefile",       "switches.mk",     "kernel",
                                        "user",           "labs/build.mk",   "labs/*/guest",
                                        "labs/*/subject", "labs/*/probe",    "labs/*/system",
                                        "grading/guest",  "grading/subject", "grading/probe"};
constexpr std::string_view kTests = "tests";

// Whether the names of `path` begin with those of a pattern (or, for a folder, may do so further below).
bool matches(const fs::path& path, const fs::path& pattern, bool folder) {
  auto name = path.begin();
  for (const fs::path& wanted : pattern) {
    if (name == path.end()) return folder;
    if (wanted != "*" && wanted != *name) return false;
    ++name;
  }
  return true;
}

bool is_needed(const fs::path& path, bool folder) {
  return std::none_of(path.begin(), path.end(),
                      [](const fs::path& name) { return name == kTests; }) &&
         std::any_of(std::begin(kNeeded), std::end(kNeeded),
                     [&](std::string_view pattern) { return matches(path, pattern, folder); });
}

std::vector<fs::path> needed_files(const fs::path& tree) {
  std::vector<fs::path> files;
  for (auto entry = fs::recursive_directory_iterator(tree);
       entry != fs::recursive_directory_iterator(); ++entry) {
    const fs::path path = entry->path().lexically_relative(tree);
    const bool folder = entry->is_directory() && !entry->is_symlink();
    if (!is_needed(path, folder)) {
      if (folder) entry.disable_recursion_pending();
    } else if (entry->is_regular_file() && !entry->is_symlink()) {
      files.push_back(path);
    }
  }
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

void update_tree(const fs::path& from, const fs::path& to) try {
  fs::create_directories(to);
  const std::vector<fs::path> wanted = needed_files(from);
  for (const fs::path& file : needed_files(to))
    if (!std::binary_search(wanted.begin(), wanted.end(), file)) fs::remove(to / file);
  for (const fs::path& file : wanted) {
    if (fs::exists(to / file) && read_file(from / file) == read_file(to / file)) continue;
    fs::create_directories((to / file).parent_path());
    fs::copy_file(from / file, to / file, fs::copy_options::overwrite_existing);
  }
} catch (const fs::filesystem_error& error) {
  throw SetupError(std::string(error.what()) + "; is the disk full, or a folder not readable?");
}

void WalledBuild::begin_as(const WalledBuild& other) const {
  RunDirectory keeper;
  Job copy;  // that keeps times, by which make knows what is built
  copy.command.arguments = {"cp", "-a", "--reflink=auto", "--", other.place_, place_};
  copy.log = keeper.path() / "log";
  copy.most_seconds = 60;
  if (const JobEnd end = run(copy); !end.ok())
    throw SetupError("cannot copy what was built; is the disk full?");
}

Job WalledBuild::job(const fs::path& tree, const Wall& wall, const std::string& compiler,
                     unsigned jobs, double most_seconds, const fs::path& log,
                     const std::string& goal) const {
  update_tree(tree, place_);
  Job job;
  // Everything that could make another build of it is given, so that submissions, mutants and other solutions are built
  // alike.
  // All that fails is seen, and not only the job that fails first.
  job.command.arguments = {
      "make",           "-j" + std::to_string(jobs), "--keep-going", goal,   "BUILD=build",
      "B=build/graded", "CXX=" + compiler,           "WERROR=",      "SAN=", "TRACE="};
  job.confinement = Confinement{.wall = wall,
                                .folder = fs::absolute(place_),
                                .writable = {kBuild, kScratch},
                                .tools = {words_of_compiler(compiler).front()},
                                .limits = kLimits};
  job.log = log;
  job.most_seconds = most_seconds;
  return job;
}

fs::path WalledBuild::artifacts() const { return place_ / kBuild / "graded" / "kernel"; }

}  // namespace sprat::grading
