// submission.cc — see submission.hh.

#include "score/submission.hh"

#include <sstream>
#include <utility>
#include <vector>

#include "score/files.hh"
#include "score/waiting.hh"

namespace sprat::grading {

namespace fs = std::filesystem;

namespace {

constexpr unsigned kJobs = 2;  // of make

}  // namespace

Submission::Submission(fs::path root, fs::path stage, std::string lab, fs::path answers,
                       fs::path logs, Wall wall, std::string goal)
    : root_(std::move(root)),
      stage_(std::move(stage)),
      lab_(std::move(lab)),
      answers_(std::move(answers)),
      logs_(std::move(logs)),
      wall_(wall),
      goal_(std::move(goal)) {}

Job Submission::staging_into(const fs::path& folder) const {
  Job job;
  job.command.arguments = {fs::absolute(stage_),
                           "--tree",
                           fs::absolute(root_),
                           "--lab",
                           lab_,
                           "--out",
                           folder,
                           "--no-git"};
  job.log = logs_ / "stage.log";
  job.most_seconds = 60;
  return job;
}

Job Submission::staging() const {
  Job job = staging_into(tree());
  job.command.arguments.insert(job.command.arguments.end(), {"--answers", fs::absolute(answers_)});
  return job;
}

JobEnd Submission::stage_alone(const std::string& exercise, const fs::path& folder,
                               const fs::path& log) const {
  Job stage = staging_into(folder);
  stage.command.arguments.insert(stage.command.arguments.end(),
                                 {"--answers", fs::absolute(answers_), "--alone", exercise});
  stage.log = log;
  return run(stage);
}

Job Submission::building_alone(const fs::path& folder, const WalledBuild& place,
                               const std::string& compiler, double most_seconds,
                               const fs::path& log) const {
  place.begin_as(built_);
  return place.job(folder, wall_, compiler, kJobs, most_seconds, log, goal_);
}

std::vector<std::string> Submission::unanswered() const {
  return unanswered_in(tree(), stage_.parent_path() / "unanswered", logs_);
}

Job Submission::starter_staging() const {
  Job job = staging_into(starter());
  job.log = logs_ / "starter.log";
  return job;
}

void Submission::begin_with(const Prebuilt& prebuilt, const std::string& compiler,
                            double most_seconds, const std::function<void()>& on_wait) const {
  prebuilt.begin(built_, starter(), lab_, wall_, compiler, goal_, most_seconds, logs_, on_wait);
}

Job Submission::building(const std::string& compiler, double most_seconds) const {
  return built_.job(tree(), wall_, compiler, kJobs, most_seconds, logs_ / "build.log", goal_);
}

Job Submission::starter_building(const std::string& compiler, double most_seconds) const {
  return starter_built_.job(starter(), wall_, compiler, kJobs, most_seconds,
                            logs_ / "starter-build.log", goal_);
}

std::vector<std::string> trouble_if_handed_in(const fs::path& root, const fs::path& logs) {
  const fs::path check = fs::absolute(root) / "scripts" / "hand-in-check";
  std::vector<std::string> lines;
  if (!fs::exists(root / ".stage") || !fs::exists(check)) return lines;
  Job job;
  job.command.arguments = {check};
  job.log = logs / "hand-in.log";
  job.most_seconds = 60;
  if (const JobEnd end = run(job); end.how != JobEnd::How::exited || end.number != kStageRefuses)
    return lines;
  std::istringstream text(read_file(job.log).value_or(""));
  for (std::string line; std::getline(text, line);) lines.push_back(line);
  return lines;
}

}  // namespace sprat::grading
