// prebuilt.hh — the starter of each lab, built once for all gradings: of a submission, only what its answers change is
// compiled.
//
// The starters lie in a folder that is kept, one for each lab and compiler. They come from our own tree and are built behind
// the wall, like a submission, which itself is built in a copy that it alone sees. No user but ours may enter the folder.

#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <utility>

#include "machine/wall.hh"
#include "score/walled_build.hh"

namespace sprat::grading {

class Prebuilt {
 public:
  // `folder` is the one that is kept; it is made if it is missing.
  explicit Prebuilt(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // Has `place`, which is empty, begin with the built `goal` of this lab's starter, which is `tree` as it is now: files that
  // differ from the last time is built first. Logs go to the folder `logs`. When the starter does not build, `place`
  // stays as it is. Other gradings wait meanwhile, and `on_wait` is called before this one waits for another. Throws
  // SetupError.
  void begin(const WalledBuild& place, const std::filesystem::path& tree, const std::string& lab,
             const Wall& wall, const std::string& compiler, const std::string& goal,
             double most_seconds, const std::filesystem::path& logs,
             const std::function<void()>& on_wait) const;

 private:
  std::filesystem::path folder_;
};

}  // namespace sprat::grading
