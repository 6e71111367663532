// prebuilt.cc — see prebuilt.hh.

#include "score/prebuilt.hh"

#include <fmt/format.h>

#include "score/file_lock.hh"
#include "score/files.hh"
#include "score/job.hh"
#include "score/setup_error.hh"
#include "score/suite.hh"

namespace sprat::grading {

namespace fs = std::filesystem;

namespace {

constexpr unsigned kStarterJobs = 2;  // of make
constexpr const char* kBuilt = "built";

// A compiler is a path with flags behind it; flags that differ build another starter. Files built behind one wall
// belong to a user that another wall does not have.
std::string name_of(const std::string& lab, const Wall& wall, const std::string& compiler) {
  return fmt::format("{}-{}-{:016x}", lab, name_of(wall.kind()),
                     std::hash<std::string>()(compiler));
}

}  // namespace

void Prebuilt::begin(const WalledBuild& place, const fs::path& tree, const std::string& lab,
                     const Wall& wall, const std::string& compiler, const std::string& goal,
                     double most_seconds, const fs::path& logs,
                     const std::function<void()>& on_wait) const {
  const fs::path mine = folder_ / name_of(lab, wall, compiler);
  const FileLock lock(mine / "lock", on_wait);
  std::error_code error;
  fs::permissions(folder_, fs::perms::owner_all, error);
  if (error) throw SetupError(folder_.string() + " cannot be shut to others: " + error.message());
  // A build that was killed may have left half of an object file, which looks new.
  const fs::path unfinished = mine / "unfinished";
  if (fs::exists(unfinished)) fs::remove_all(mine / kBuilt);
  write_file(unfinished, "");
  const WalledBuild starter(mine / kBuilt);
  const Job job = starter.job(tree, wall, compiler, kStarterJobs, most_seconds,
                              logs / "prebuilt-starter.log", goal);
  const JobEnd end = run(job);
  stop_if_interrupted(end, job);
  if (!end.ok()) return;
  fs::remove(unfinished);
  lock.share();
  place.begin_as(starter);
}

}  // namespace sprat::grading
