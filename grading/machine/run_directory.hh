// run_directory.hh — the one folder in which a run keeps everything, and the keeper that outlives
// us to remove it.

#pragma once

#include <sys/types.h>

#include <filesystem>
#include <memory>

#include "machine/identity.hh"

namespace sprat::grading {

// A fresh folder below $TMPDIR (or /tmp). It goes away with this object, and just as well when this
// process is killed, whatever the signal: a small child process, the keeper, waits for our end of a
// pipe to close, kills the process groups entrusted to it, and all processes of the run's user, and removes the folder.
class RunDirectory {
 public:
  RunDirectory();  // throws MachineError when no folder can be made
  ~RunDirectory();
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }

  // From `entrust` until `release`, the process group dies with this object. Its leader may be a warden, which is asked
  // to end the others first.
  void entrust(pid_t group);
  void release(pid_t group);

  // Returns a user for code that is not trusted, this run's own: chosen at the first call. Root only; throws
  // MachineError.
  uid_t identity();

 private:
  struct Message {
    enum class What : int { entrust, release, identity } what;
    unsigned number;
  };
  [[noreturn]] static void keep(const std::filesystem::path& path, int from_owner);
  void tell_keeper(Message message) const;

  std::unique_ptr<Identity> identity_;

  std::filesystem::path path_;
  int to_keeper_ = -1;
  pid_t keeper_ = -1;
};

}  // namespace sprat::grading
