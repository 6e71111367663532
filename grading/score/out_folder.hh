// out_folder.hh — the folder that a grading writes to: one grading at a time, and nothing of an earlier one.

#pragma once

#include <filesystem>
#include <functional>

#include "score/file_lock.hh"

namespace sprat::grading {

inline constexpr const char* kResultFile = "result.json";
inline constexpr const char* kFactsFile = "run.json";

// Holds a folder of results for as long as it lives. Other gradings that want the same folder wait.
class OutFolder {
 public:
  // Makes the folder if it is not there, and waits for a grading that holds it; `on_wait` is called first when there is
  // one. Throws SetupError when the folder cannot be written, or when the wait is interrupted.
  OutFolder(const std::filesystem::path& folder, const std::function<void()>& on_wait);

  // Removes what an earlier grading left, the result first, and nothing else: it may be any folder.
  void clear() const;

 private:
  std::filesystem::path folder_;
  FileLock lock_;
};

}  // namespace sprat::grading
