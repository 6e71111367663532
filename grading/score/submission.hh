// submission.hh — a stranger's answers in a clean tree of ours, built where they can do no harm.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "machine/run_directory.hh"
#include "score/job.hh"

namespace sprat::grading {

inline constexpr int kStageRefuses = 2;   // exit status of scripts/stage when answers are at fault
inline constexpr int kStageSameTree = 4;  // and when one exercise alone would make no other tree

// Where `make artifacts BUILD=build B=build/graded` leaves the artifacts of a staged tree, whatever
// the compiler.
inline std::filesystem::path artifacts_in(const std::filesystem::path& tree) {
  return tree / "build" / "graded" / "kernel";
}

// The command that makes the artifacts of a staged tree, or `goal` alone, which is one of them: everything that could make
// another build of it is given, so that submissions, mutants and other solutions are built alike.
std::vector<std::string> make_artifacts(const std::filesystem::path& tree,
                                        const std::string& compiler, unsigned jobs,
                                        const std::string& goal = "artifacts");

// What of the staged tree `root` would be refused or left behind if it were handed in, as lines "FILE:LINE: error: what;
// what to do". None for another tree. The same code takes the answers of a submission (scripts/staging). The log goes to the folder `logs`.
std::vector<std::string> trouble_if_handed_in(const std::filesystem::path& root,
                                              const std::filesystem::path& logs);

// A clean starter with the answers of one submission, in a temporary folder that goes away with
// this object.
class Submission {
 public:
  // `stage` is scripts/stage, run in `root`; `answers` is the submitted tree; logs go to the folder
  // `logs`.
  Submission(std::filesystem::path root, std::filesystem::path stage, std::string lab,
             std::filesystem::path answers, std::filesystem::path logs);

  // Makes the tree: takes from the answers only what the lab asks for.
  Job staging() const;

  // Makes a tree without any answers. When this fails as well, it is not the submission that is
  // broken.
  Job starter_staging() const;

  // Makes in `folder` a tree with the answers of one exercise and the reference's code in all others. It begins as a copy of
  // the tree and of what is built there, so that only what differs is built again. It must not begin as a copy of another
  // such tree: there, the reference's own object code of this exercise would wait to be read by the code under test. The
  // job ends with kStageSameTree when nothing would differ.
  JobEnd stage_alone(const std::string& exercise, const std::filesystem::path& folder,
                     const std::filesystem::path& log) const;

  // Makes the artifacts; in a Sandbox that can write nothing but the tree, where a sandbox can be
  // had.
  Job building(const std::string& compiler, double most_seconds) const;

  // The same in a tree that stage_alone has made.
  Job building_alone(const std::filesystem::path& folder, const std::string& compiler,
                     double most_seconds, const std::filesystem::path& log) const;

  // Makes the artifacts of the tree without answers, in the same way. When this fails as well, it is not the submission
  // that does not build.
  Job starter_building(const std::string& compiler, double most_seconds) const;

  // Once they are built.
  std::filesystem::path artifacts() const;

  // The exercises that the answers leave as they are in the starter.
  std::vector<std::string> unanswered() const;

 private:
  std::filesystem::path tree() const { return folder_.path() / "tree"; }
  std::filesystem::path starter() const { return folder_.path() / "starter"; }
  Job staging_into(const std::filesystem::path& folder) const;
  Job making_in(const std::filesystem::path& folder, const std::string& compiler,
                double most_seconds) const;

  RunDirectory folder_;
  std::filesystem::path root_;
  std::filesystem::path stage_;
  std::string lab_;
  std::filesystem::path answers_;
  std::filesystem::path logs_;
};

}  // namespace sprat::grading
