// submission.cc — see submission.hh.

#include "score/submission.hh"

#include <utility>
#include <vector>

#include "machine/sandbox.hh"

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

Job Submission::starter_staging() const {
  Job job = staging_into(folder_.path() / "starter");
  job.log = logs_ / "starter.log";
  return job;
}

Job Submission::building(double most_seconds) const {
  const std::vector<std::string> make{
      "make", "-j2", "-C", tree(), "artifacts", "BUILD=build", "B=build/graded", "WERROR=", "SAN="};
  Job job;
  job.command.environment = {"MAKEFLAGS="};
  job.command.arguments = Sandbox::obstacle().empty() ? Sandbox({tree()}).wrap(make) : make;
  job.log = logs_ / "build.log";
  job.most_seconds = most_seconds;
  return job;
}

fs::path Submission::artifacts() const { return artifacts_in(tree()); }

}  // namespace sprat::grading
