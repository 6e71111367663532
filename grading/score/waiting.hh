// waiting.hh — which tests cannot say anything yet: an exercise that they need is as it was in the starter.

#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "score/manifest.hh"

namespace sprat::grading {

// Those of `exercise` and of `needs` that are among the unanswered ones; none when nothing has to be waited for.
std::vector<std::string> waits_for(const std::string& exercise,
                                   const std::vector<std::string>& needs,
                                   const std::vector<std::string>& unanswered);

// Those of `tests` (all when it is empty) that can say something: a test that measures several checkpoints runs when one
// of them waits for nothing. In the order of the manifest, checkpoints last.
std::vector<std::string> tests_to_run(const Manifest& manifest,
                                      const std::vector<std::string>& tests,
                                      const std::vector<std::string>& unanswered);

// Returns the unanswered exercises of the staged tree `tree`, asked of `script` (scripts/unanswered). None for a tree
// that is not staged. The log goes to the folder `logs`. Throws SetupError when the script cannot say.
std::vector<std::string> unanswered_in(const std::filesystem::path& tree,
                                       const std::filesystem::path& script,
                                       const std::filesystem::path& logs);

// "exercise 5", "exercises 5, 6".
std::string in_words(const std::vector<std::string>& exercises);

}  // namespace sprat::grading
