// submission.hh — a stranger's answers in a clean tree of ours, built where they can do no harm.

#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "machine/run_directory.hh"
#include "score/job.hh"
#include "score/prebuilt.hh"
#include "score/walled_build.hh"

namespace sprat::grading {

inline constexpr int kStageRefuses = 2;   // exit status of scripts/stage when answers are at fault
inline constexpr int kStageSameTree = 4;  // and when one exercise alone would make no other tree

// Returns the parts of the staged tree `root` that would be refused or left behind if it were handed in, as lines
// "FILE:LINE: error: what; what to do". None for another tree. The same code takes the answers of a submission
// (scripts/staging). The log goes to the folder `logs`.
std::vector<std::string> trouble_if_handed_in(const std::filesystem::path& root,
                                              const std::filesystem::path& logs);

// A clean starter with the answers of one submission, in a temporary folder that goes away with
// this object.
class Submission {
 public:
  // `stage` is scripts/stage, run in `root`; `answers` is the submitted tree; logs go to the folder
  // `logs`. All builds run behind `wall`, and make `goal` (WalledBuild::kAll or WalledBuild::goal).
  Submission(std::filesystem::path root, std::filesystem::path stage, std::string lab,
             std::filesystem::path answers, std::filesystem::path logs, Wall wall,
             std::string goal);

  // Makes the tree: takes from the answers only what the lab asks for.
  Job staging() const;

  // Makes a tree without any answers. When this fails as well, it is not the submission that is
  // broken.
  Job starter_staging() const;

  // Makes in `folder` a tree with the answers of one exercise and the reference's code in all others. The job ends with
  // kStageSameTree when nothing would differ.
  JobEnd stage_alone(const std::string& exercise, const std::filesystem::path& folder,
                     const std::filesystem::path& log) const;

  // Has the build begin with the starter's, which starter_staging has staged. Throws SetupError.
  void begin_with(const Prebuilt& prebuilt, const std::string& compiler, double most_seconds,
                  const std::function<void()>& on_wait) const;

  // Makes the artifacts.
  Job building(const std::string& compiler, double most_seconds) const;

  // The same of a tree that stage_alone has made, in `place`, which is empty. The build begins with the objects of the
  // answers as a whole. It must not begin with objects of another tree of stage_alone: there, the reference's own
  // object code of this exercise would wait to be read by the code under test.
  Job building_alone(const std::filesystem::path& folder, const WalledBuild& place,
                     const std::string& compiler, double most_seconds,
                     const std::filesystem::path& log) const;

  // Makes the artifacts of the tree without answers, in the same way. When this fails as well, it is not the submission
  // that does not build.
  Job starter_building(const std::string& compiler, double most_seconds) const;

  // Once they are built.
  std::filesystem::path artifacts() const { return built_.artifacts(); }

  // Returns the exercises that the answers leave as they are in the starter.
  std::vector<std::string> unanswered() const;

 private:
  std::filesystem::path tree() const { return folder_.path() / "tree"; }
  std::filesystem::path starter() const { return folder_.path() / "starter"; }
  Job staging_into(const std::filesystem::path& folder) const;

  RunDirectory folder_;
  std::filesystem::path root_;
  std::filesystem::path stage_;
  std::string lab_;
  std::filesystem::path answers_;
  std::filesystem::path logs_;
  Wall wall_;
  std::string goal_;
  WalledBuild built_{folder_.path() / "built"};
  WalledBuild starter_built_{folder_.path() / "starter-built"};
};

}  // namespace sprat::grading
