// submission.cc — see submission.hh.

#include "score/submission.hh"

#include <sstream>
#include <utility>
#include <vector>

#include "machine/sandbox.hh"
#include "score/files.hh"
#include "score/waiting.hh"

namespace sprat::grading {

namespace fs = std::filesystem;

Submission::Submission(fs::path root, fs::path stage, std::string lab, fs::path answers,
                       fs::path logs)
    : root_(std::move(root)),
      stage_(std::move(stage)),
      lab_(std::move(lab)),
      answers_(std::move(answers)),
      logs_(std::move(logs)) {}

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
  Job copy;  // that keeps times, by which make knows what is built
  copy.command.arguments = {"cp", "-a", "--", tree(), folder};
  copy.log = log;
  copy.most_seconds = 60;
  if (const JobEnd end = run(copy); !end.ok()) return {JobEnd::How::signalled};
  // A tree that is replaced takes all that is in it along.
  const fs::path built = folder.string() + ".build";
  fs::rename(folder / "build", built);
  Job stage = staging_into(folder);
  stage.command.arguments.insert(
      stage.command.arguments.end(),
      {"--answers", fs::absolute(answers_), "--alone", exercise, "--force"});
  stage.log = log;
  const JobEnd end = run(stage);
  fs::rename(built, folder / "build");
  return end;
}

Job Submission::building_alone(const fs::path& folder, const std::string& compiler,
                               double most_seconds, const fs::path& log) const {
  Job job = making_in(folder, compiler, most_seconds);
  job.log = log;
  return job;
}

std::vector<std::string> Submission::unanswered() const {
  return unanswered_in(tree(), stage_.parent_path() / "unanswered", logs_);
}

Job Submission::starter_staging() const {
  Job job = staging_into(starter());
  job.log = logs_ / "starter.log";
  return job;
}

Job Submission::making_in(const fs::path& folder, const std::string& compiler,
                          double most_seconds) const {
  const std::vector<std::string> make = make_artifacts(folder, compiler, 2);
  Job job;
  job.command.arguments = Sandbox::obstacle().empty() ? Sandbox({folder}).wrap(make) : make;
  job.log = logs_ / "build.log";
  job.most_seconds = most_seconds;
  return job;
}

Job Submission::building(const std::string& compiler, double most_seconds) const {
  return making_in(tree(), compiler, most_seconds);
}

Job Submission::starter_building(const std::string& compiler, double most_seconds) const {
  Job job = making_in(starter(), compiler, most_seconds);
  job.log = logs_ / "starter-build.log";
  return job;
}

std::vector<std::string> make_artifacts(const fs::path& tree, const std::string& compiler,
                                        unsigned jobs, const std::string& goal) {
  return {"make",           "-j" + std::to_string(jobs), "-C",      tree,   goal,    "BUILD=build",
          "B=build/graded", "CXX=" + compiler,           "WERROR=", "SAN=", "TRACE="};
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

fs::path Submission::artifacts() const { return artifacts_in(tree()); }

}  // namespace sprat::grading
