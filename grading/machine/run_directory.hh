// run_directory.hh — the one folder in which a run keeps everything, and the keeper that outlives
// us to remove it.

#pragma once

#include <sys/types.h>

#include <filesystem>

namespace sprat::grading {

// A fresh folder below $TMPDIR (or /tmp). It goes away with this object, and just as well when this
// process is killed, whatever the signal: a small child process, the keeper, waits for our end of a
// pipe to close, kills the process groups entrusted to it and removes the folder.
class RunDirectory {
 public:
  RunDirectory();  // throws MachineError when no folder can be made
  ~RunDirectory();
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

  // From `entrust` until `release`, the process group dies with this object.
  void entrust(pid_t group);
  void release(pid_t group);

 private:
  void tell_keeper(pid_t message) const;

  std::filesystem::path path_;
  int to_keeper_ = -1;
  pid_t keeper_ = -1;
};

}  // namespace sprat::grading
