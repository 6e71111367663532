// file_lock.hh — a folder that one of several gradings at a time may change.

#pragma once

#include <filesystem>
#include <functional>

namespace sprat::grading {

// Holds a file locked for as long as it lives, among all processes. The lock goes with the process that holds it.
class FileLock {
 public:
  // Makes the file and its folder if they are not there, and waits for its turn; `on_wait`, if it is not empty, is called
  // first when there is something to wait for. Throws SetupError when the file cannot be written, or when the wait is
  // interrupted.
  FileLock(const std::filesystem::path& file, const std::function<void()>& on_wait);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

  // From now on others may hold it as well that share it.
  void share() const;

 private:
  int lock_ = -1;
};

}  // namespace sprat::grading
