// process.hh — a child process that is never left behind: its own group, killed with us, measured
// while it runs.

#pragma once

#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "machine/run_directory.hh"

namespace sprat::grading {

struct Command {
  std::vector<std::string> arguments;  // the program first, found through PATH
  // What the child has as its file descriptors: {ours, child's}. Everything else is closed;
  // standard input, output and error are /dev/null where they are not given.
  std::vector<std::pair<int, int>> descriptors = {};
  std::filesystem::path folder = {};  // where it runs; empty: here
  // "NAME=VALUE", beside the few variables that every child gets (see inherited_environment).
  std::vector<std::string> environment = {};
  unsigned cpu_seconds = 0;  // most processor time, enforced by the system; 0: any
};

// What every child gets: PATH, HOME, TMPDIR, TERM, USER and LOGNAME as they are here, and LC_ALL=C.UTF-8. Nothing else
// that is set here may change what a child says or does: no MAKEFLAGS, no CPATH, no LD_PRELOAD, no language.
std::vector<std::string> inherited_environment();

// How a process ended: its exit status, or the signal that ended it.
struct ExitStatus {
  int code = 0;
  int signal = 0;
};

// Whether a process moves: what the kernel of this computer says about it and its children.
struct Activity {
  double cpu_seconds = 0;
  bool runnable = false;    // some thread runs or waits for a processor
  long resident_bytes = 0;  // memory in use
};

class Process {
 public:
  // Starts the command in a process group of its own, entrusted to the keeper of `directory`, which
  // must outlive this. Throws MachineError when the program cannot be started.
  Process(const Command& command, RunDirectory& directory);
  ~Process();  // kills what is left of the group
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Readable once the process has ended, for poll().
  int ended_descriptor() const { return pidfd_; }

  // How it ended; nothing while it runs. Once it has ended, what is left of its group is killed.
  std::optional<ExitStatus> ended();

  // Kills the whole group and waits for its leader.
  void kill_group();

  Activity activity() const;

 private:
  RunDirectory& directory_;
  pid_t pid_ = -1;
  int pidfd_ = -1;
  std::optional<ExitStatus> status_;
};

}  // namespace sprat::grading
